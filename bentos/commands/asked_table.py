"""What `ballast experiment analyze --table` is asked, by options or by a plan, as a question about rows."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

from bentos.commands.declared_weights import phases_of, weighted
from bentos.commands.lazy_command import load
from bentos.commands.measured_columns import Judging, columns_measured
from experiments.analysis.planned import question_of
from experiments.analysis.question import Question
from experiments.analysis.spending import LOOKS
from experiments.analysis.tables import Table, connect, read, readable
from experiments.config.problems import AnalysisError
from experiments.config.table_plan import TablePlan


@dataclass(frozen=True)
class TableOptions:
    """The options that only a table takes, as they were given. A plan says all of them instead."""

    unit: str | None = None
    arm: str | None = None
    metric: tuple[str, ...] = ()
    guardrail: tuple[str, ...] = ()
    effect: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    margin: tuple[str, ...] = ()
    weight: tuple[str, ...] = ()
    phase: str | None = None
    time: str | None = None
    per_unit: bool = False
    before: str | None = None
    before_time: str | None = None
    trigger: str | None = None
    winsorise: float | None = None
    looks: float | None = None
    beside: tuple[str, ...] = ()

    def given(self) -> list[str]:
        """Names of those that were given, as they are written."""
        return [
            f"--{f.name.replace('_', '-')}"
            for f in fields(self)
            if getattr(self, f.name) not in (None, False, ())
        ]

    def refuse(self, why: str) -> None:
        """AnalysisError where any was given."""
        if given := self.given():
            raise AnalysisError(f"{', '.join(given)}: {why}")


def asked_of(
    table: Path, asked: TableOptions, plan: Path | None, slices: tuple[str, ...]
) -> tuple[Table, Question]:
    """The table's rows and the question. AnalysisError or ConfigError for what can't be asked."""
    if plan is None:
        rows, question = _by_options(table, asked, slices)
    else:
        asked.refuse("--plan says it already; say it in one place")
        rows, question = _by_plan(table, plan, slices)
    return rows, replace(question, slices=tuple(dict.fromkeys((*question.slices, *slices))))


def _by_options(table: Path, asked: TableOptions, slices: tuple[str, ...]) -> tuple[Table, Question]:
    question = Question(
        control="",
        weights={"": {}},
        measures=columns_measured(
            asked.metric,
            asked.guardrail,
            Judging(asked.effect, asked.better, asked.margin),
            per_unit=asked.per_unit,
            before=asked.before,
            winsorise=asked.winsorise,
        ),
        unit=asked.unit or "unit",
        arm=asked.arm or "arm",
        phase=asked.phase,
        time=asked.time,
        before_time=asked.before_time,
        trigger=asked.trigger,
        beside=asked.beside,
        notes=_direction(asked),
        looks=LOOKS if asked.looks is None else asked.looks,
    )
    rows = _read(table, question, slices)
    with readable(table):
        return rows, weighted(question, [*asked.weight], phases_of(rows, asked.phase))


def _direction(asked: TableOptions) -> tuple[str, ...]:
    """What is taken for better where nothing says it: a latency that rises must not be shipped unseen."""
    primary, *_ = asked.metric
    if any("=" not in each or each.startswith(f"{primary}=") for each in asked.better):
        return ()
    return (f"higher counts as better for {primary}, as nothing else is said; --better lower turns it",)


def _by_plan(table: Path, file: Path, slices: tuple[str, ...]) -> tuple[Table, Question]:
    plan: TablePlan = load("loaded_plan:load_plan")(file)
    now = time.time()
    rows = _read(table, question_of(plan, [*plan.phases], now=now), slices)
    with readable(table):
        return rows, question_of(plan, phases_of(rows, plan.phase), now=now)


def _read(table: Path, question: Question, slices: tuple[str, ...]) -> Table:
    texts = (question.unit, question.arm, question.phase, *question.slices, *question.beside, *slices)
    with readable(table):
        return read(table, connect(), [each for each in texts if each])
