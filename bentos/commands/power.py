"""`ballast experiment power`: how many units the next experiment needs."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import out, print_json
from bentos.commands.measured_columns import Unit, columns_measured
from experiments.analysis.power import pilot, power_of
from experiments.analysis.spending import LOOKS
from experiments.analysis.tables import connect, read, readable
from experiments.config.problems import AnalysisError


def power(  # noqa: PLR0913, PLR0917 - options of a command
    table: Annotated[Path, typer.Option(help="a table of the past")],
    metric: Annotated[list[str], typer.Option(help="a column, or numerator/denominator")],
    unit: Unit = "unit",
    effect: Annotated[float, typer.Option(help="smallest relative effect that matters")] = 0.05,
    share: Annotated[float, typer.Option(help="of units in the treated arm")] = 0.5,
    units_per_day: Annotated[
        float | None, typer.Option(help="new units a day, for the time it takes")
    ] = None,
    looks: Annotated[float, typer.Option(help="share of the error for looks before a planned end")] = LOOKS,
    per_unit: Annotated[bool, typer.Option(help="metrics are sums per unit, not means")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """How many units an experiment needs, from a table of how its units behave today."""
    if not isfinite(effect) or effect <= 0:
        raise AnalysisError(f"--effect {effect:g}: must be a change above 0, such as 0.05 for 5% either way")
    if not 0 <= looks < 1:
        raise AnalysisError(
            f"--looks {looks:g}: must be a share of the error, from 0 to below 1, such as 0.1"
        )
    measures = tuple(replace(each, effect=effect) for each in columns_measured(metric, per_unit=per_unit))
    with readable(table):
        behaved = pilot(read(table, connect()), measures, unit)
    found = [
        power_of(measure, mean, deviation, share, units_per_day, looks)
        for measure, mean, deviation, _ in behaved
    ]
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        days = f", {each.days:,.0f} days at this rate" if each.days else ""
        out.print(
            f"{each.metric}: to see {each.effect:+.1%} four times out of five, {each.fixed:,} units looked "
            f"at once, {each.planned:,} by a planned end with {looks:.0%} of the error on looks before, "
            f"{each.anytime:,} looked at at any time{days}",
            highlight=False,
        )
