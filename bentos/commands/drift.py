"""`ballast drift`: has what is served moved away from what was trained on?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.commands.days import Since, Until, seconds
from bentos.home.drift_alarms import DriftLook, read_look
from bentos.home.state import Home
from bentos.offline.window_drift import DriftFound, compare_window
from bentos.settings import settings
from monitoring.drift.outcomes import OutcomeDrift
from monitoring.drift.power import power
from monitoring.drift.report import dated


def drift(
    start: Since = None,
    end: Until = None,
    live: Annotated[bool, typer.Option("--live", help="what the Steward found of closed days")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Compare a window of the decision log with the training reference; write Evidently's report.

    Days are those of the events' own time; without any, all of the log. Exits 1 where a column or what came
    of decisions has drifted. With --live, what the last look at closed days found; 1 where there are alarms.
    """
    home = Home(settings().ranker_home, settings().ranker)
    if live:
        raise typer.Exit(_live(read_look(home), as_json))
    with err.status("comparing, then drawing (about half a minute)…"):
        found = compare_window(home, seconds(start), seconds(end))
    if as_json:
        print_json(
            {
                "model": found.model,
                "decisions": found.decisions,
                "page": str(found.page),
                **found.drift.to_json(),
            }
        )
    else:
        _print(found)
    raise typer.Exit(1 if found.drift.drifted or found.drift.moved else 0)


def _live(look: DriftLook, as_json: bool) -> int:
    """Print the alarms of closed days; 1 where there are any."""
    if as_json:
        print_json(msgspec.to_builtins(look))
        return 1 if look.alarms else 0
    for sentence in look.said:
        err.print(sentence, style="yellow", highlight=False)
    table = Table(title=f"closed days to {look.day or '(none yet)'}: the worst first", title_justify="left")
    right = {"distance", "limit", "cost"}
    for name in ("version", "column", "kind", "against", "distance", "limit", "cost", "since"):
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name == "since")
    for each in look.alarms:
        figures = f"{each.distance:.3f}", f"{each.limit:.3f}", f"{each.cost:.3f}"
        table.add_row(each.version, each.column, each.kind, each.against, *figures, each.since[5:])
    if look.alarms:
        table.caption = "cost: distance × the column's share of how the model's prediction changes"
    out.print(table if look.alarms else "no drift alarm" if look.day else "no day has closed yet")
    return 1 if look.alarms else 0


def _print(found: DriftFound) -> None:
    drifted = found.drift.drifted
    for sentence in found.drift.too_little:
        err.print(sentence, style="yellow", highlight=False)
    if drifted:
        table = Table(title=f"{found.model}: drifted since training", title_justify="left")
        for name in ("column", "role", "distance", "limit"):
            table.add_column(name, justify="right" if name in {"distance", "limit"} else "left")
        for column in drifted:
            table.add_row(column.column, column.role, f"{column.value:.3f}", f"{column.limit:.3f}")
        out.print(table)
    _print_outcomes(found.drift.outcomes)
    out.print(
        f"{len(drifted)} of {len(found.drift.columns)} columns drifted; "
        f"{found.decisions:,} decisions of {found.model} in the window",
        highlight=False,
    )
    out.print(power(found.drift), highlight=False)
    out.print(f"report: {found.page}", highlight=False, soft_wrap=True)


def _print_outcomes(outcomes: Sequence[OutcomeDrift]) -> None:
    if not outcomes:
        return
    table = Table(title="what came of decisions; ! is drift", title_justify="left")
    for name in ("", "training", "now", "limit of the difference", "changed"):
        table.add_column(name, justify="left" if name in {"", "changed"} else "right")
    for each in sorted(outcomes, key=lambda outcome: not outcome.drifted):
        figures = (f"{figure:.3f}" for figure in (each.reference, each.current, each.limit))
        table.add_row(f"{'! ' if each.drifted else ''}{each.name}", *figures, dated(each))
    out.print(table)
