"""`ballast experiment analyze`: what came of an experiment, in Ballast's log or in any table."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.asked_table import TableOptions, asked_of
from bentos.commands.days import Since, Until, seconds
from bentos.commands.lazy_command import load
from bentos.commands.looks import looked_at_table
from bentos.commands.printed_analysis import ResultForm, print_analysis
from experiments.analysis.analyze import analyze as analyzed
from experiments.analysis.page import Look
from experiments.analysis.recommendation import recommend
from experiments.analysis.spending import told
from experiments.analysis.tables import readable
from experiments.config.problems import AnalysisError

ExitCode = Annotated[
    bool,
    typer.Option("--exit-code", help="exit 0 for ship, 10 for don't, 11 for keep going, 1 for can't say"),
]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
File = Annotated[Path | None, typer.Option("--table", help="a .csv or .parquet that isn't Ballast's log")]
UnitColumn = Annotated[
    str | None,
    typer.Option("--unit", help="with --table: the column of units (default: unit)"),
]
ArmColumn = Annotated[
    str | None, typer.Option("--arm", help="with --table: the column of arms (default: arm)")
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="with --table: a column, or numerator/denominator; the first is primary"),
]
Guardrails = Annotated[
    list[str] | None, typer.Option("--guardrail", help="with --table: the same, of what must not be harmed")
]
Effects = Annotated[
    list[str] | None,
    typer.Option("--effect", help="with --table: smallest relative change that matters; or METRIC=CHANGE"),
]
Better = Annotated[
    list[str] | None,
    typer.Option("--better", help="with --table: higher or lower, of the primary metric; or METRIC=lower"),
]
Margins = Annotated[
    list[str] | None,
    typer.Option("--margin", help="with --table: acceptable relative harm to guardrails; or METRIC=SHARE"),
]
Plan = Annotated[
    Path | None,
    typer.Option("--plan", help="with --table: a YAML file that says columns, metrics and shares"),
]
LevelOption = Annotated[
    float | None, typer.Option("--level", help="of the primary metric's interval (default: 0.95)")
]

ONCE = (
    "intervals hold however often one looks; if this is the planned end of the experiment, say --ended: the "
    "test at the end decides then, and its interval is about half as wide"
)


def analyze(  # noqa: PLR0913, PLR0917 - options of a command
    name: Annotated[str, typer.Argument(help="the experiment, or a title with --table")],
    table: File = None,
    unit: UnitColumn = None,
    arm: ArmColumn = None,
    metric: Metrics = None,
    guardrail: Guardrails = None,
    effect: Effects = None,
    better: Better = None,
    margin: Margins = None,
    level: LevelOption = None,
    plan: Plan = None,
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
    before_time: Annotated[
        str | None,
        typer.Option(help="with --table: column of when that was; must be before --time"),
    ] = None,
    trigger: Annotated[str | None, typer.Option(help="with --table: boolean column, rows that count")] = None,
    winsorise: Annotated[float | None, typer.Option(help="with --table: quantile as a cap")] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="with --table: a column of another experiment's arms, to test for interaction"),
    ] = None,
    interactions: Annotated[
        bool,
        typer.Option("--interactions", help="test for interaction with other experiments of the log"),
    ] = False,
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
        float | None,
        typer.Option(help="with --table: share of the error for looks before the end (default: 0.1)"),
    ] = None,
    over_time: Annotated[
        bool, typer.Option("--over-time", help="also the effect over time, and since units were first seen")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="also write a page with pictures here")] = None,
    as_json: Json = False,
    exit_code: ExitCode = False,
) -> None:
    """A recommendation, mismatch, and effects whose intervals survive peeking: of the log, or any table."""
    asked = TableOptions(
        unit=unit,
        arm=arm,
        metric=tuple(metric or ()),
        guardrail=tuple(guardrail or ()),
        effect=tuple(effect or ()),
        better=tuple(better or ()),
        margin=tuple(margin or ()),
        weight=tuple(weight or ()),
        phase=phase,
        time=moment,
        per_unit=per_unit,
        before=before,
        before_time=before_time,
        trigger=trigger,
        winsorise=winsorise,
        looks=looks,
        beside=tuple(beside or ()),
    )
    if level is not None and not 0.5 < level < 1:
        raise AnalysisError(f"--level {level:g}: must be between 0.5 and 1, such as 0.95")
    form = ResultForm(html, as_json, exit_code, over_time)
    if table is None:
        _only_of_tables(asked, plan, ended=ended)
        load("analyze_log:analyze_log")(
            name,
            (seconds(start), seconds(end)),
            before_days=before_days,
            settle_hours=settle_hours,
            slices=tuple(by or ()),
            level=0.95 if level is None else level,
            interactions=interactions,
            triggered=triggered,
            shown=form,
        )
        return
    if looks is not None and not 0 <= looks <= 1:
        raise AnalysisError(f"--looks {looks:g}: must be a share of the error, from 0 to 1, such as 0.1")
    _only_of_the_log(start, end, before_days, settle_hours, triggered, interactions or None)
    rows, question = asked_of(table, asked, plan, tuple(by or ()))
    ended = ended or question.ended
    level = question.level if level is None else level
    notes = (*question.notes, *(() if ended else (ONCE,)), told(level, question.looks))
    question = replace(question, level=level, ended=ended, notes=notes, detailed=form.detailed)
    with readable(table):
        found = analyzed(rows, question)
    look = Look(time.time(), found.rows, str(recommend(found, question)))
    print_analysis(name, found, question, form, looked_at_table(name, look, plan))


def _only_of_tables(asked: TableOptions, plan: Path | None, *, ended: bool) -> None:
    why = "only with --table; of an experiment in the log, live.yaml says it"
    asked.refuse(why)
    if plan is not None or ended:
        raise AnalysisError(f"{'--ended' if plan is None else '--plan'}: {why}")


def _only_of_the_log(*options: object) -> None:
    names = ("--from", "--until", "--before-days", "--settle-hours", "--triggered", "--interactions")
    given = [name for name, value in zip(names, options, strict=True) if value not in (None, 0.0)]
    if given:
        raise AnalysisError(f"{', '.join(given)}: only of Ballast's own log; leave out --table, or this")
