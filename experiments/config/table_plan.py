"""The plan of a table's analysis, in the words of live.yaml: metrics, variants, primary, guardrails, end.

A live.yaml says it of an experiment whose decisions are in Ballast's log; a plan says it of a table from
elsewhere, and which of the table's columns are what.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from experiments.config.broken_rule import Broken, named_metrics, near
from experiments.config.fields import Instant, Share
from experiments.config.live import JudgedMetric, LivePart
from experiments.config.problems import Path
from experiments.config.rules import quantile_of

Text = Annotated[str, Field(min_length=1, max_length=128)]
Level = Annotated[float, Field(strict=True, gt=0.5, lt=1)]


class ColumnMetric(JudgedMetric):
    """A figure of a table: the mean of a column, its sum per unit, or a ratio of two sums.

    `of`: a column, or numerator/denominator; the metric's own name where it isn't said. `per`: unit for the
    sum per unit of a column. `before`: the column of the same from before the experiment, for CUPED.
    """

    of: Text | None = None
    per: Literal["row", "unit"] = "row"
    before: Text | None = None


class WeightedArm(LivePart):
    """One arm as the table writes it, and its share of the units."""

    name: Text
    weight: Share


class TablePlan(LivePart):
    """What was declared before the table was made. The first variant is the control.

    `before_time`: the column of when what metrics have as `before` was measured.

    `phases`: by value of the column `phase`, the shares where they were not those of `variants`. `end`: the
    planned end. `beside`: columns with the arms of other experiments. `looks`: the share of the error for
    looks before it; a tenth unless it is given. Metrics that are neither primary nor guardrails are
    secondary.
    """

    version: Literal[1] = 1
    unit: Text = "unit"
    arm: Text = "arm"
    phase: Text | None = None
    time: Text | None = None
    before_time: Text | None = None
    trigger: Text | None = None
    slices: tuple[Text, ...] = ()
    beside: tuple[Text, ...] = ()
    metrics: dict[Text, ColumnMetric] = Field(min_length=1)
    primary: Text
    guardrails: tuple[Text, ...] = ()
    variants: tuple[WeightedArm, ...] = Field(min_length=2)
    phases: dict[Text, dict[Text, Share]] = Field(default_factory=dict)
    level: Level = 0.95
    end: Instant | None = None
    looks: Share | None = None


def broken(plan: TablePlan) -> Iterator[Broken]:
    """Every broken rule of a plan of the right shape."""
    yield from _metrics(plan)
    names = [variant.name for variant in plan.variants]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Broken(("variants", index, "name"), name, "is the name of another variant as well")
    weights = [variant.weight for variant in plan.variants]
    yield from _sum(("variants",), weights)
    for phase, shares in plan.phases.items():
        at = ("phases", phase)
        yield from _sum(at, list(shares.values()))
        for arm in shares:
            if arm not in names:
                rule = f"is not a variant{near(arm, names)}"
                yield Broken((*at, arm), arm, rule, needs=(("variants",),))
    if plan.phases and plan.phase is None:
        yield Broken(("phases",), sorted(plan.phases), "needs 'phase' beside it: the column that names them")


def _sum(at: Path, weights: list[float]) -> Iterator[Broken]:
    if abs(sum(weights) - 1) > 1e-6:
        rule = f"has weights that sum to {sum(weights):.6g}; they must sum to 1"
        yield Broken(at, weights, rule, needs=(at,))


def _quantile(metric: ColumnMetric, path: Path) -> Iterator[Broken]:
    yield from quantile_of(metric, path)
    if metric.per == "unit":
        yield Broken(
            (*path, "per"), metric.per, "is of sums, and a quantile is of single rows; leave out 'per'"
        )


def _metrics(plan: TablePlan) -> Iterator[Broken]:
    for name, metric in plan.metrics.items():
        if metric.quantile is not None:
            yield from _quantile(metric, ("metrics", name))
    yield from named_metrics(plan.primary, plan.guardrails, plan.metrics)
