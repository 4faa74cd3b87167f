"""Outliers capped by unit: what a unit adds to the compared mean counts at most as a declared quantile.

A sum per unit is capped as it is. Of a ratio it is the linearised value that is capped, above − R · below
with R the ratio of all arms together (Deng, Knoblich, Lu 2018, "Applying the Delta Method in Metric
Analytics"), by taking from the numerator: a unit with many rows may have as many times as much. Limit and R
are those of all arms' units together, so that no arm's outcome has a limit of its own. Source of the method:
Kohavi, Tang, Xu 2020, "Trustworthy Online Controlled Experiments", ch. 22.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import inf, isfinite, isnan
from typing import Any

from experiments.analysis.tables import Table, fetched

ROUNDING = 1e-9
"""Share of the limit by which a value must pass it: quantiles of equal values differ in their last digits."""


@dataclass(frozen=True, slots=True)
class Capped:
    """One metric's columns, a numerator (and denominator, None of sums) per stratum, and its quantile.

    `raw` are the names that uncapped numerators get, `touched` is the column that is 1 for a capped unit.
    """

    above: Sequence[str]
    below: Sequence[str] | None
    raw: Sequence[str]
    touched: str
    quantile: float


def winsorised(units: Table, metrics: Sequence[Capped]) -> tuple[Table, list[float]]:
    """Units with capped numerators, and each metric's limit: of sums, or of linearised values; infinite where
    no unit has any."""
    if not metrics:
        return units, []
    ratios = _ratios(units, metrics)
    values = [_linear(units, each, ratio) for each, ratio in zip(metrics, ratios, strict=True)]
    asked = {
        f"limit{number}": value.quantile(each.quantile, where=_there(units, each))
        for number, (each, value) in enumerate(zip(metrics, values, strict=True))
    }
    [found] = fetched(units.aggregate(**asked))
    known = [found[f"limit{number}"] for number in range(len(metrics))]
    limits = [inf if each is None or isnan(each) else float(each) for each in known]
    columns: dict[str, Any] = {}
    for each, value, limit in zip(metrics, values, limits, strict=True):
        within = limit if isfinite(limit) else 0.0  # of nothing, there is nothing to cut
        columns |= _cut(units, each, value - within, abs(within) * ROUNDING)
    return units.mutate(**columns), limits


def _ratios(units: Table, metrics: Sequence[Capped]) -> list[float]:
    sums: dict[str, Any] = {}
    for number, each in enumerate(metrics):
        if each.below is not None:
            sums |= {
                f"a{number}": _total(units, each.above).sum(),
                f"b{number}": _total(units, each.below).sum(),
            }
    [found] = fetched(units.aggregate(**sums)) if sums else [{}]
    return [
        (found.get(f"a{number}") or 0.0) / (found.get(f"b{number}") or 1.0) for number in range(len(metrics))
    ]


def _linear(units: Table, metric: Capped, ratio: float) -> Any:
    above = _total(units, metric.above)
    return above if metric.below is None else above - ratio * _total(units, metric.below)


def _there(units: Table, metric: Capped) -> Any:
    """Units that have the metric at all."""
    return None if metric.below is None else _total(units, metric.below) != 0


def _cut(units: Table, metric: Capped, excess: Any, least: float) -> dict[str, Any]:
    """What is over the limit is taken from each stratum's part of the unit's numerator."""
    import ibis  # type: ignore[import-untyped]

    over = (excess > least) if (there := _there(units, metric)) is None else (excess > least) & there
    total = _total(units, metric.above)
    columns: dict[str, Any] = {metric.touched: over.cast("float64")}
    for name, raw in zip(metric.above, metric.raw, strict=True):
        part = ibis.coalesce(units[name] / ibis.ifelse(total == 0, None, total), 1 / len(metric.above))
        columns |= {raw: units[name], name: units[name] - ibis.ifelse(over, excess * part, 0.0)}
    return columns


def _total(units: Table, columns: Sequence[str]) -> Any:
    return reduce(lambda one, other: one + other, [units[name] for name in columns])
