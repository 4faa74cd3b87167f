"""Quantiles of rows as means: what each row adds to its arm's quantile, so that units can be summed.

A sample quantile is, but for a remainder that vanishes faster, the mean over the rows of quantile + (q −
[value ≤ quantile]) ÷ density (Bahadur 1966, "A Note on Quantiles in Large Samples"). Summed up by unit, that
is a ratio of means, whose variance knows which rows share a unit: the delta method for quantiles of clustered
data of Deng, Knoblich, Lu 2018, "Applying the Delta Method in Metric Analytics", sec. 4. The density is the
difference quotient of the arm's own quantiles, with Bofinger's bandwidth (1975, "Estimation of a Density
Function Using Order Statistics"). Being a mean but for that remainder, the estimate has the anytime-valid
interval of means (Waudby-Smith et al. 2024, asymptotically linear estimators).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, pi, sqrt

from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import Table, connection_of, fetched
from experiments.config.problems import AnalysisError

LEAST_BEYOND = 20
"""Units that an arm needs for each one beyond the quantile, or below it: 200 for the 90th percentile."""
WIDER = (1, 2, 4, 8)
"""Bandwidths that are tried until values differ, as measured times often are equal."""


@dataclass(frozen=True, slots=True)
class ArmQuantile:
    """One arm's quantile, the values' density there, and the share below it, those equal counted half."""

    value: float
    density: float
    below: float


def least_units(measure: Measure) -> int:
    """Units that each arm needs; 0 of a mean."""
    if measure.quantile is None:
        return 0
    return round(LEAST_BEYOND / min(measure.quantile, 1 - measure.quantile))


def linearised(rows: Table, question: Question) -> tuple[Table, Question]:
    """Rows with a column for each quantile, and the question about the means of those columns."""
    measures, columns = [], {}
    for index, measure in enumerate(question.measures):
        if measure.quantile is None:
            measures.append(measure)
            continue
        _check(measure)
        name = f"_quantile_{index}"
        columns[name] = _influence(rows, question, measure, _of_arms(rows, question, measure))
        measures.append(replace(measure, numerator=name))
    return (rows.mutate(**columns) if columns else rows), replace(question, measures=tuple(measures))


def _check(measure: Measure) -> None:
    for wrong, why in (
        (measure.denominator is not None, "a ratio of two sums has none"),
        (measure.per_unit, "it is one of rows, not of units' sums"),
        (measure.winsorise is not None, "it has no outliers to be capped"),
    ):
        if wrong:
            raise AnalysisError(f"metric {measure.name}: a quantile is of the rows of one column; {why}")


def _of_arms(rows: Table, question: Question, measure: Measure) -> dict[str, ArmQuantile]:
    arm, value = rows[question.arm], rows[measure.numerator]
    counted = fetched(rows.group_by(_arm=arm).aggregate(count=value.count()))
    found = {}
    for line in counted:
        if line["count"] >= 2:
            part = rows.filter(arm == line["_arm"])[measure.numerator]
            found[line["_arm"]] = _of_arm(part, line["count"], measure.quantile or 0.5)
    return found


def _of_arm(part: Table, count: int, quantile: float) -> ArmQuantile:
    reach = min(_bandwidth(quantile, count), 0.9 * min(quantile, 1 - quantile))
    most = min(quantile, 1 - quantile) * 0.98
    steps = [min(reach * times, most) for times in WIDER]
    levels = [quantile, *(quantile + sign * step for step in steps for sign in (-1, 1))]
    middle, *sides = _at(part, levels)
    pairs = zip(steps, sides[::2], sides[1::2], strict=True)
    density = next((2 * step / (high - low) for step, low, high in pairs if high > low), 0.0)
    below = (part < middle).cast("float64").mean() / 2 + (part <= middle).cast("float64").mean() / 2
    [share] = fetched(part.as_table().aggregate(below=below))
    return ArmQuantile(float(middle), float(density), float(share["below"]))


def _at(part: Table, levels: list[float]) -> list[float]:
    """Quantiles of one column: of DuckDB by one pass, as each keeps a copy of the values."""
    whole = part.as_table()
    if connection_of(whole).name == "duckdb":
        return list(fetched(whole.aggregate(at=part.quantile(levels)))[0]["at"])
    asked = {f"at{number}": part.quantile(level) for number, level in enumerate(levels)}
    return [float(value) for value in fetched(whole.aggregate(**asked))[0].values()]


def _bandwidth(quantile: float, count: int) -> float:
    from scipy.special import ndtri

    score = float(ndtri(quantile))
    density = exp(-score * score / 2) / sqrt(2 * pi)
    return float((4.5 * density**4 / (2 * score**2 + 1) ** 2 / count) ** 0.2)


def _influence(rows: Table, question: Question, measure: Measure, arms: Mapping[str, ArmQuantile]) -> Table:
    """What a row adds; the mean over an arm's rows is its quantile. Without any density, no variation."""
    import ibis  # type: ignore[import-untyped]

    value, column = rows[measure.numerator], ibis.null("float64")
    for name, each in arms.items():
        side = (value < each.value).cast("float64") / 2 + (value <= each.value).cast("float64") / 2
        scale = 1 / each.density if each.density else 0.0
        column = ibis.ifelse(rows[question.arm] == name, each.value + (each.below - side) * scale, column)
    return ibis.ifelse(value.isnull(), ibis.null("float64"), column)
