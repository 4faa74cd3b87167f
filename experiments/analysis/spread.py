"""How a metric is spread over units in each arm: what a mean hides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.analysis.question import Question
from experiments.analysis.tables import fetched
from experiments.analysis.units import Units, denominator, is_sum, numerator

BINS = 30
EDGE = 0.005
"""Share of the units at either end that the outermost bins take whole."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The primary metric over units. `edges`: of the bins; the outermost also hold what lies beyond them.
    `shares`: arm → share of its units in each bin. `beyond`: shares of all units below and above the edges.
    """

    metric: str
    edges: tuple[float, ...]
    shares: Mapping[str, tuple[float, ...]]
    beyond: tuple[float, float]


def spread_of(units: Units, question: Question) -> Spread | None:
    """None where weights have changed (arms then differ in time), nothing varies, or it is a quantile."""
    if units.strata.names or question.measures[0].quantile is not None:
        return None
    value = units.table[numerator(0)]
    if not is_sum(question.measures[0]):
        value = value / units.table[denominator(0)].nullif(0)
    rows = units.table.mutate(_value=value)
    rows = rows.filter(rows["_value"].notnull())
    column = rows["_value"]
    [ends] = fetched(rows.aggregate(low=column.quantile(EDGE), high=column.quantile(1 - EDGE)))
    if ends["low"] is None or not ends["low"] < ends["high"]:
        return None
    low, high = float(ends["low"]), float(ends["high"])
    width = (high - low) / BINS
    part = ((column - low) / width).floor().cast("int64").clip(0, BINS - 1)
    rows = rows.mutate(_bin=part)
    column = rows["_value"]
    counted = rows.group_by(["arm", "_bin"]).aggregate(
        units=rows.count(), below=(column < low).sum(), above=(column > high).sum()
    )
    return _spread(question, fetched(counted), [low + width * number for number in range(BINS + 1)])


def _spread(question: Question, lines: list[dict[str, Any]], edges: list[float]) -> Spread:
    counts = {arm: [0] * BINS for arm in question.arms}
    for line in lines:
        counts[line["arm"]][line["_bin"]] = line["units"]
    total = sum(line["units"] for line in lines)
    return Spread(
        question.measures[0].name,
        tuple(edges),
        {arm: tuple(n / max(sum(each), 1) for n in each) for arm, each in counts.items()},
        (sum(line["below"] for line in lines) / total, sum(line["above"] for line in lines) / total),
    )
