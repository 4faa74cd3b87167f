"""`ballast experiment power`: how many units the next experiment needs."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import out, print_json
from bentos.commands.lazy_command import load
from bentos.commands.measured_columns import columns_measured
from experiments.analysis.power import pilot, power_of
from experiments.analysis.spending import LOOKS
from experiments.analysis.tables import connect, read, readable
from experiments.config.problems import AnalysisError

DAYS = 28.0
"""Days of the log that are looked back at: four weeks, so that weekdays weigh alike."""


def power(  # noqa: PLR0913, PLR0917 - options of a command
    table: Annotated[Path | None, typer.Option(help="a table of the past")] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="with --table: a column, or numerator/denominator")
    ] = None,
    from_log: Annotated[
        str | None,
        typer.Option("--from-log", help="a metric of live.yaml, as the log has it, in place of a table"),
    ] = None,
    days: Annotated[float, typer.Option(help="with --from-log: so many of its last days")] = DAYS,
    traffic: Annotated[
        float, typer.Option(help="with --from-log: share of all units in the experiment")
    ] = 1.0,
    html: Annotated[
        Path | None, typer.Option(help="with --from-log: also write a page with a picture")
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(help="with --table a column, with --from-log an attribute: what is randomised"),
    ] = None,
    effect: Annotated[float, typer.Option(help="smallest relative effect that matters")] = 0.05,
    share: Annotated[float, typer.Option(help="of units in the treated arm")] = 0.5,
    units_per_day: Annotated[
        float | None, typer.Option(help="new units a day, for the time it takes")
    ] = None,
    looks: Annotated[float, typer.Option(help="share of the error for looks before a planned end")] = LOOKS,
    per_unit: Annotated[bool, typer.Option(help="metrics are sums per unit, not means")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """How many units an experiment needs and how long it takes, from a table of the past or from the log."""
    if (table is None) == (from_log is None):
        raise AnalysisError(
            "--table, --from-log: give one of them, a table of the past or a metric of the log"
        )
    if table is None:
        _only(("--metric", metric), ("--per-unit", per_unit), ("--units-per-day", units_per_day))
        design = {"effect": effect, "share": share, "part": traffic, "looks": looks}
        load("power_log:power_log")(from_log, design, days=days, unit=unit, html=html, as_json=as_json)
        return
    _only(("--html", html), ("--traffic", traffic != 1.0), ("--days", days != DAYS))
    if not isfinite(effect) or effect <= 0:
        raise AnalysisError(f"--effect {effect:g}: must be a change above 0, such as 0.05 for 5% either way")
    if not 0 <= looks < 1:
        raise AnalysisError(
            f"--looks {looks:g}: must be a share of the error, from 0 to below 1, such as 0.1"
        )
    measures = tuple(
        replace(each, effect=effect) for each in columns_measured(metric or [], per_unit=per_unit)
    )
    with readable(table):
        behaved = pilot(read(table, connect()), measures, unit or "unit")
    found = [
        power_of(measure, mean, deviation, share, units_per_day, looks)
        for measure, mean, deviation, _ in behaved
    ]
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        took = f", {each.days:,.0f} days at this rate" if each.days else ""
        out.print(
            f"{each.metric}: to see {each.effect:+.1%} four times out of five, {each.fixed:,} units looked "
            f"at once, {each.planned:,} by a planned end with {looks:.0%} of the error on looks before, "
            f"{each.anytime:,} looked at at any time{took}",
            highlight=False,
        )


def _only(*given: tuple[str, object]) -> None:
    """AnalysisError where an option was given that the other source has."""
    if wrong := [name for name, value in given if value]:
        raise AnalysisError(
            f"{', '.join(wrong)}: means nothing here; --from-log and --table have options of their own"
        )
