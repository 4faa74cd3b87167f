"""A plan becomes the question that it says."""

import pytest

from experiments.analysis.planned import question_of
from experiments.config.problems import AnalysisError
from experiments.config.table_plan import ColumnMetric, TablePlan, WeightedArm

ARMS = (WeightedArm(name="b", weight=0.5), WeightedArm(name="a", weight=0.5))
PLAN = TablePlan(
    metrics={
        "errors": ColumnMetric(of="errors/requests", better="lower", margin=0.01),
        "wait": ColumnMetric(of="latency", better="lower", effect=0.02, before="then"),
        "spend": ColumnMetric(per="unit", winsorise=0.99),
    },
    primary="wait",
    guardrails=("errors",),
    variants=ARMS,
    phase="week",
    phases={"2": {"b": 0.9, "a": 0.1}},
    end="1970-01-02",  # type: ignore[arg-type]
)


def test_roles_columns_and_how_they_are_judged() -> None:
    asked = question_of(PLAN, ["1", "2"], now=86_399.0)
    wait, errors, spend = asked.measures
    assert (wait.numerator, wait.role, wait.better, wait.effect, wait.before) == (
        "latency",
        "primary",
        "lower",
        0.02,
        ("then", None),
    )
    assert (errors.numerator, errors.denominator, errors.role, errors.margin) == (
        "errors",
        "requests",
        "guardrail",
        0.01,
    )
    assert (spend.numerator, spend.per_unit, spend.role, spend.winsorise) == (
        "spend",
        True,
        "secondary",
        0.99,
    )
    assert asked.control == "b"
    assert asked.weights == {"1": {"b": 0.5, "a": 0.5}, "2": {"b": 0.9, "a": 0.1}}
    assert not asked.ended


def test_the_planned_end_is_a_moment() -> None:
    assert question_of(PLAN, ["2"], now=86_400.0).ended
    assert question_of(PLAN, ["2"], now=0.0, ended=True).ended


def test_shares_of_a_phase_that_is_not_there() -> None:
    with pytest.raises(AnalysisError, match="phases: the table has no phase '2'; it has '1'"):
        question_of(PLAN, ["1"], now=0.0)
