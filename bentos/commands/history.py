"""`ballast experiment diff|history`: what a change would do, and what changes there were."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.change import warn_of
from bentos.commands.console import out, print_json
from bentos.control.experiments.history import SERVED, timeline
from bentos.control.experiments.unit_diff import difference
from bentos.home.journal import decisions
from bentos.home.live_files import live_under
from bentos.home.rollouts import as_served
from bentos.home.state import Home, read_state
from bentos.settings import settings
from experiments.config.check import load
from experiments.config.live import Live
from experiments.config.problems import AnalysisError
from monitoring.log.window import window

Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def diff(
    file: Annotated[
        Path | None, typer.Argument(help="the changed file; the one in place if not given")
    ] = None,
    sample: Annotated[int, typer.Option(help="at most so many units of the log")] = 100_000,
    as_json: Json = False,
) -> None:
    """What a changed live.yaml would do to the units that the log has seen, against what is live."""
    home = Home(settings().ranker_home)
    new = _read(file or settings().experiments)
    old = _live_now(home)
    warnings = warn_of(home, new)
    found = difference(home, old, as_served(home, new), sample)
    if as_json:
        digests = {"old": old.digest, "new": new.digest}
        sentences = {"sentences": found.sentences(), "warnings": warnings}
        print_json(digests | {"units": found.units} | sentences)
        return
    out.print(f"{old.digest} is live, {new.digest} is the change", highlight=False)
    for sentence in found.sentences():
        out.print(sentence, highlight=False, markup=False)


def _read(file: Path) -> Live:
    """A file that people write; one that ends in .json is compiled already, as the home keeps them."""
    if file.suffix != ".json":
        return load(file)
    try:
        return Live.from_json(file.read_bytes())
    except (OSError, ValueError) as error:
        first, *_ = str(error).splitlines()
        raise AnalysisError(f"{file}: is no compiled live.yaml: {first}") from error


def history(as_json: Json = False) -> None:
    """Every version of the experiments that was ever live: when, by whom and why, for how many decisions."""
    home = Home(settings().ranker_home)
    with window(home.log) as log:
        served: Any = log.sql(SERVED).to_dict("records")
        rows = timeline(served, list(decisions(home)))
    if as_json:
        print_json(rows)
        return
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, width in {
        "digest": 16,
        "epoch": 5,
        "from": 10,
        "until": 10,
        "decisions": 9,
        "why": None,
    }.items():
        shown.add_column(name, overflow="fold", width=width)
    for row in rows:
        moments = (
            datetime.fromtimestamp(row[key], UTC).isoformat(" ", "seconds")[:-6] for key in ("first", "last")
        )
        said = escape(f"{row['why']} ({row['by']})" if row["by"] else row["why"] or "")
        shown.add_row(row["digest"] or "none", str(row["epoch"]), *moments, f"{row['decisions']:,}", said)
    out.print(shown)


def _live_now(home: Home) -> Live:
    state = read_state(home.state)
    if state is None or not state.experiments:
        raise AnalysisError(
            f"nothing is live: {home.folder} has no state with experiments; start the service once"
        )
    return live_under(home, state.experiments)
