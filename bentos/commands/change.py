"""`ballast experiment apply|stop|resume`: change what runs, in a name, for a reason, if nobody just did."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bentos.commands.console import err, out, print_json
from bentos.control.experiments import changes
from bentos.control.experiments.changes import Applied, Change
from bentos.control.experiments.compare_and_swap import (
    ChangeError,
    Conflict,
    base_of,
    refuse_moved,
    refuse_unsettled,
)
from bentos.home.live_files import live_under
from bentos.home.rollouts import as_served
from bentos.home.state import Home
from bentos.home.uptake import PATIENCE
from bentos.settings import settings
from experiments.config.check import parse
from experiments.config.problems import ConfigError

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Why = Annotated[str, typer.Option(help="why; is recorded")]
By = Annotated[str, typer.Option(help="in whose name; the user of the system if not given")]
NOT_TAKEN_UP, CONFLICT = 3, 4  # exit codes


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
    with _refusals(as_json):
        if file.resolve() == live_file.resolve():
            rule = "is the live file itself, which is followed as it is saved; give a changed copy"
            raise ChangeError(f"{file}: {rule}")
        text = _read(file)
        new = parse(text, str(file))
        base = base_of(home, live_file)
        refuse_moved(home, base, epoch)
        refuse_unsettled(home, live_file, base)
        found = _shown(home, base.digest, as_served(home, new), as_json)
        if dry_run:
            _print(as_json, found | {"epoch": base.epoch, "dry_run": True})
            return
        change = Change(text, *_said(by, why))
        _tell(changes.commit(home, live_file, base, change, epoch), found, as_json)


def stop(
    name: Annotated[str, typer.Argument(help="the experiment to stop")],
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Throw an experiment's kill switch, in the live file itself: everybody gets the default model again."""
    said = _said(by, why)
    _act(lambda home, file: changes.stop(home, file, name, *said), {"stopped": name}, as_json)


def resume(
    name: Annotated[str, typer.Argument(help="a rollout that was stopped by itself")],
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Let a rollout that stopped itself go on from where it was, judged by what happens from now on."""
    said = _said(by, why)
    _act(lambda home, file: changes.resume(home, file, name, *said), {"resumed": name}, as_json)


def _act(act: Callable[[Home, Path], Applied], done: dict[str, Any], as_json: bool) -> None:
    with _refusals(as_json):
        _tell(act(Home(settings().ranker_home), settings().experiments), done, as_json)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ChangeError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ChangeError(f"{file}: is not UTF-8: {error.reason}") from error


def _said(by: str, why: str) -> tuple[str, str]:
    """Who changes what runs, and why."""
    if not why.strip():
        raise typer.BadParameter("--why: a change of what runs needs a reason")
    return by or getpass.getuser(), why.strip()


def _shown(home: Home, digest: str, new: Any, as_json: bool) -> dict[str, Any]:
    from bentos.control.experiments.unit_diff import difference

    with err.status("assigning the log's units under both files…"):
        found = difference(home, live_under(home, digest), new)
    if not as_json:
        out.print(f"{digest or 'nothing'} is live, {new.digest} is the change", highlight=False)
        for sentence in found.sentences():
            out.print(sentence, highlight=False, markup=False)
    return {"before": digest, "after": new.digest, "units": found.units, "sentences": found.sentences()}


def _tell(done: Applied, found: dict[str, Any], as_json: bool) -> None:
    _print(as_json, found | asdict(done))
    if done.seconds is None:
        for problem in done.problems:
            err.print(f"! {problem}", style="yellow", highlight=False, markup=False)
        err.print(
            f"the file is written, but not every worker serves it after {PATIENCE:.0f} s; "
            "`ballast status` says what is wrong",
            style="yellow",
            highlight=False,
        )
        raise typer.Exit(NOT_TAKEN_UP)
    if not as_json:
        out.print(
            f"{done.after} is live: every worker serves epoch {done.epoch} after {done.seconds} s",
            highlight=False,
        )


def _print(as_json: bool, body: dict[str, Any]) -> None:
    if as_json:
        print_json(body)


@contextmanager
def _refusals(as_json: bool) -> Iterator[None]:
    """A file that doesn't hold is status 1, a conflict status 4; other mistakes are the command line's."""
    try:
        yield
    except ConfigError as error:
        _refuse(as_json, str(error), {"problems": [problem._asdict() for problem in error.problems]})
        raise typer.Exit(1) from error
    except Conflict as error:
        _refuse(as_json, str(error), {"epoch": error.epoch, "experiments": error.digest})
        raise typer.Exit(CONFLICT) from error


def _refuse(as_json: bool, message: str, facts: dict[str, Any]) -> None:
    _print(as_json, {"ok": False, "error": message, **facts})
    if not as_json:
        err.print(message, style="red", highlight=False, markup=False)
