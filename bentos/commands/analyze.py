"""`ballast experiment analyze`: what came of an experiment, in Ballast's log or in any table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.days import Since, Until, seconds
from bentos.commands.declared_weights import phases_of, weighted
from bentos.commands.lazy_command import load
from bentos.commands.measured_columns import Unit, measures_of
from bentos.commands.printed_analysis import print_analysis
from experiments.analysis.analyze import analyze as analyzed
from experiments.analysis.question import Question
from experiments.analysis.recommendation import recommend
from experiments.analysis.spending import LOOKS, told
from experiments.analysis.tables import connect, read, readable
from experiments.config.problems import AnalysisError

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
File = Annotated[Path | None, typer.Option("--table", help="a .csv or .parquet that isn't Ballast's log")]
ArmColumn = Annotated[str, typer.Option("--arm", help="with --table: the column of arms")]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="with --table: a column, or numerator/denominator; the first is primary"),
]

ONCE = (
    "intervals hold however often one looks; if this is the planned end of the experiment, say --ended: the "
    "test at the end decides then, and its interval is about half as wide"
)


def analyze(  # noqa: PLR0913, PLR0917 - options of a command
    name: Annotated[str, typer.Argument(help="the experiment, or a title with --table")],
    table: File = None,
    unit: Unit = "unit",
    arm: ArmColumn = "arm",
    metric: Metrics = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="with --table: ARM=SHARE or PHASE:ARM=SHARE, the control first; once per arm"),
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="with --table: the column of phases; weights may differ by phase")
    ] = None,
    moment: Annotated[
        str | None,
        typer.Option("--time", help="with --table: the column of times; by it units are first seen"),
    ] = None,
    per_unit: Annotated[
        bool, typer.Option(help="with --table: metrics are sums per unit, not means")
    ] = False,
    before: Annotated[
        str | None, typer.Option(help="with --table: column of the primary metric from before, for CUPED")
    ] = None,
    trigger: Annotated[str | None, typer.Option(help="with --table: boolean column, rows that count")] = None,
    winsorise: Annotated[float | None, typer.Option(help="with --table: quantile as a cap")] = None,
    by: Annotated[list[str] | None, typer.Option("--slice", help="also by this column or attribute")] = None,
    start: Since = None,
    end: Until = None,
    before_days: Annotated[float, typer.Option(help="days before the experiment that CUPED may use")] = 0.0,
    settle_hours: Annotated[float, typer.Option(help="hours that outcomes are waited for")] = 0.0,
    triggered: Annotated[
        bool | None,
        typer.Option("--triggered/--all-slates", help="only slates that differ; so where they are marked"),
    ] = None,
    ended: Annotated[bool, typer.Option(help="with --table: the planned end has been reached")] = False,
    looks: Annotated[
        float, typer.Option(help="with --table: share of the error for looks before the planned end")
    ] = LOOKS,
    html: Annotated[Path | None, typer.Option(help="also write a page with pictures here")] = None,
    as_json: Json = False,
) -> None:
    """Mismatch, effects whose intervals survive peeking, and a recommendation: of the log, or any table."""
    if table is None:
        load("analyze_log:analyze_log")(
            name,
            (seconds(start), seconds(end)),
            before_days=before_days,
            settle_hours=settle_hours,
            slices=tuple(by or ()),
            triggered=triggered,
            html=html,
            as_json=as_json,
        )
        return
    if not 0 <= looks <= 1:
        raise AnalysisError(f"--looks {looks:g}: must be a share of the error, from 0 to 1, such as 0.1")
    asked = Question(
        control="",
        weights={"": {}},
        measures=measures_of(metric or [], per_unit, before, winsorise),
        unit=unit,
        arm=arm,
        phase=phase,
        time=moment,
        trigger=trigger,
        slices=tuple(by or ()),
        ended=ended,
        looks=looks,
        notes=(() if ended else (ONCE,)) + (told(0.95, looks),),
    )
    with readable(table):
        texts = (unit, arm, *([phase] if phase else []), *asked.slices)
        rows = read(table, connect(), texts)
        question = weighted(asked, weight or [], phases_of(rows, phase))
        found = analyzed(rows, question)
    print_analysis(name, found, recommend(found, question), html, as_json)
