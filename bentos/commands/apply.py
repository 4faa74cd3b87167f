"""`ballast experiment apply`: make a changed live.yaml live, if nobody else changed it meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.change import By, Json, Why, person_and_reason, print_if, refusals, tell, warn_of
from bentos.commands.console import err, out
from bentos.control.experiments import changes
from bentos.control.experiments.changes import Change
from bentos.control.experiments.compare_and_swap import ChangeError, base_of, refuse_moved, refuse_unsettled
from bentos.control.experiments.unit_diff import difference
from bentos.home.live_files import live_under
from bentos.home.rollouts import as_served
from bentos.home.state import Home
from bentos.settings import settings
from experiments.config.check import parse
from experiments.config.live import Live


def apply(  # noqa: PLR0913, PLR0917 - options of a command
    file: Annotated[Path, typer.Argument(help="the changed file, a copy of the live one")],
    why: Why = "",
    by: By = "",
    epoch: Annotated[int | None, typer.Option(help="the epoch that the change was made for")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="check and show the diff; change nothing")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a changed file live: check, diff on real units, swap if nobody else did, wait for every worker.

    Exits 1 for a file that doesn't hold, 3 where not every worker took it up in time, 4 where somebody else
    changed the experiments meanwhile.
    """
    home, live_file = Home(settings().ranker_home), settings().experiments
    with refusals(as_json):
        if file.resolve() == live_file.resolve():
            rule = "is the live file itself, which is followed as it is saved; give a changed copy"
            raise ChangeError(f"{file}: {rule}")
        text = _read(file)
        new = parse(text, str(file))
        base = base_of(home, live_file)
        refuse_moved(home, base, epoch)
        refuse_unsettled(home, live_file, base)
        warnings = warn_of(home, new)
        found = _shown(home, base.digest, as_served(home, new), as_json) | {"warnings": warnings}
        if dry_run:
            print_if(as_json, found | {"epoch": base.epoch, "dry_run": True})
            return
        change = Change(text, *person_and_reason(by, why))
        tell(changes.commit(home, live_file, base, change, epoch), found, as_json)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ChangeError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ChangeError(f"{file}: is not UTF-8: {error.reason}") from error


def _shown(home: Home, digest: str, new: Live, as_json: bool) -> dict[str, object]:
    with err.status("assigning the log's units under both files…"):
        found = difference(home, live_under(home, digest), new)
    if not as_json:
        out.print(f"{digest or 'nothing'} is live, {new.digest} is the change", highlight=False)
        for sentence in found.sentences():
            out.print(sentence, highlight=False, markup=False)
    return {"before": digest, "after": new.digest, "units": found.units, "sentences": found.sentences()}
