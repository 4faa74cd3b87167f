"""`ballast experiment analyze|power`: what came of an experiment, and how many units the next one needs."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bentos.commands import shown
from bentos.commands.console import mistakes, out, print_json
from bentos.commands.days import Since, Until, seconds
from bentos.home.live_files import ever_live
from bentos.home.state import Home
from bentos.settings import settings
from experiments.analysis.log_rows import Reading
from experiments.analysis.question import Measure, Question
from experiments.config.problems import AnalysisError, ConfigError
from monitoring.log.record import RecordError

if TYPE_CHECKING:
    from experiments.analysis.effects import Analysis
    from experiments.interleaving.preferences import Preferences

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
File = Annotated[Path | None, typer.Option("--table", help="a .csv or .parquet that isn't Ballast's log")]
Unit = Annotated[str, typer.Option(help="with --table: the column of what was randomised")]
ArmColumn = Annotated[str, typer.Option("--arm", help="with --table: the column of arms")]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="with --table: a column, or numerator/denominator; the first is primary"),
]


def analyze(  # noqa: PLR0913, PLR0917 - options of a command
    name: Annotated[str, typer.Argument(help="the experiment, or a title with --table")],
    table: File = None,
    unit: Unit = "unit",
    arm: ArmColumn = "arm",
    metric: Metrics = None,
    weight: Annotated[
        list[str] | None, typer.Option(help="with --table: ARM=SHARE, the control first; once per arm")
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
    html: Annotated[Path | None, typer.Option(help="also write a page with pictures here")] = None,
    as_json: Json = False,
) -> None:
    """Mismatch, effects with intervals that survive peeking, and a verdict: of the log, or any table."""
    from experiments.analysis.analyze import analyze as analyzed
    from experiments.analysis.verdict import verdict

    with mistakes(AnalysisError, ConfigError, RecordError):
        if table is not None:
            from experiments.analysis.tables import connect, read

            question = Question(
                control="",
                weights={"": {}},
                measures=_measures(metric or [], per_unit, before, winsorise),
                unit=unit,
                arm=arm,
                trigger=trigger,
                slices=tuple(by or ()),
                ended=ended,
            )
            question = _weighted(question, weight or [])
            found = analyzed(read(table, connect()), question)
        else:
            answer = _from_log(
                name,
                start,
                end,
                Reading(time.time(), before_days, settle_hours, tuple(by or ()), 0.95, triggered),
            )
            if not isinstance(answer, tuple):
                shown.preferences(name, answer, html, as_json)
                return
            found, question = answer
        said = verdict(found, question)
    shown.analysis(name, found, said, html, as_json)


def power(  # noqa: PLR0913, PLR0917 - options of a command
    table: Annotated[Path, typer.Option(help="a table of the past")],
    metric: Annotated[list[str], typer.Option(help="a column, or numerator/denominator")],
    unit: Unit = "unit",
    effect: Annotated[float, typer.Option(help="smallest relative effect that matters")] = 0.05,
    share: Annotated[float, typer.Option(help="of units in the treated arm")] = 0.5,
    units_per_day: Annotated[
        float | None, typer.Option(help="new units a day, for the time it takes")
    ] = None,
    per_unit: Annotated[bool, typer.Option(help="metrics are sums per unit, not means")] = False,
    as_json: Json = False,
) -> None:
    """How many units an experiment needs, from a table of how its units behave today."""
    from dataclasses import asdict, replace

    from experiments.analysis.power import pilot, power_of
    from experiments.analysis.tables import connect, read

    with mistakes(AnalysisError, ConfigError, RecordError):
        measures = tuple(replace(each, effect=effect) for each in _measures(metric, per_unit, None, None))
        found = [
            power_of(measure, mean, deviation, share, units_per_day)
            for measure, mean, deviation, _ in pilot(read(table, connect()), measures, unit)
        ]
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        days = f", {each.days:,.0f} days at this rate" if each.days else ""
        out.print(
            f"{each.metric}: to see {each.effect:+.1%} four times out of five, {each.fixed:,} units looked "
            f"at once, {each.anytime:,} looked at at any time{days}",
            highlight=False,
        )


def _from_log(
    name: str, start: datetime | None, end: datetime | None, reading: Reading
) -> tuple[Analysis, Question] | Preferences:
    from experiments.analysis.analyze import analyze as analyzed
    from experiments.analysis.log_rows import latest, rows_of
    from experiments.interleaving.draft_rows import preferences_of
    from monitoring.log.window import BOUNDED, window

    home = Home(settings().ranker_home)
    with window(home.log, seconds(start), seconds(end), memory=BOUNDED) as log:
        configs = ever_live(home)
        live, experiment = latest(log, name, configs)
        if experiment.mode == "interleave":
            return preferences_of(log, live, experiment, reading)
        rows, question = rows_of(log, live, experiment, configs, reading)
        return analyzed(rows, question), question


def _measures(
    names: list[str], per_unit: bool, before: str | None, winsorise: float | None
) -> tuple[Measure, ...]:
    found = []
    for index, name in enumerate(names):
        numerator, _, denominator = name.partition("/")
        found.append(
            Measure(
                name=name,
                numerator=numerator,
                denominator=denominator or None,
                per_unit=per_unit,
                role="primary" if index == 0 else "secondary",
                winsorise=winsorise,
                before=(before, None) if before and index == 0 else None,
            )
        )
    return tuple(found)


def _weighted(question: Question, weights: list[str]) -> Question:
    from dataclasses import replace

    shares = {}
    for text in weights:
        arm, _, share = text.rpartition("=")
        try:
            shares[arm] = float(share)
        except ValueError:
            raise AnalysisError(f"--weight {text!r}: must be ARM=SHARE, such as control=0.5") from None
    if len(shares) < 2 or abs(sum(shares.values()) - 1) > 1e-6:
        raise AnalysisError(f"--weight: {shares} must be the shares of two arms or more, and sum to 1")
    return replace(question, control=next(iter(shares)), weights={"": shares})
