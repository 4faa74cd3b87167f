"""How many units an experiment needs, and how small an effect it can see: before it starts."""

from dataclasses import dataclass
from math import ceil, isfinite, nan

import ibis  # type: ignore[import-untyped]

from experiments.analysis.comparisons import moments_of
from experiments.analysis.question import Measure, Question
from experiments.analysis.sequential import growth_needed, growth_once
from experiments.analysis.spending import LOOKS, spent
from experiments.analysis.tables import Table
from experiments.analysis.units import denominator, numerator, units_of
from experiments.config.problems import AnalysisError


@dataclass(frozen=True, slots=True)
class Power:
    """Units in both arms together to see a relative effect with the power asked for.

    `fixed`: looked at once, at the end. `planned`: by the test at the planned end, after looks that had
    their share of the error. `anytime`: looked at whenever one likes, seen by then, with all of the error.
    `days`: of the anytime one at `units_per_day`, None where the rate isn't known.
    """

    metric: str
    effect: float
    fixed: int
    planned: int
    anytime: int
    days: float | None


def pilot(
    table: Table, measures: tuple[Measure, ...], unit: str = "unit"
) -> list[tuple[Measure, float, float, int]]:
    """Each measure's mean, its deviation per unit, and the units, over a table of the past.

    Of a ratio the deviation is that of its linearised units (Deng et al. 2018).
    """
    question = Question("all", {"": {"all": 1.0}}, measures, unit=unit, arm="_all")
    if any(each.quantile is not None for each in measures):
        raise AnalysisError("--metric: power is of means and ratios; name the column itself")
    units = units_of(table.mutate(_all=ibis.literal("all")), question)
    total = moments_of(units).get("all")
    if total is None or total.count() < 2:
        raise AnalysisError(
            f"unit: {0 if total is None else total.count()} units have rows; a deviation needs two or more"
        )
    found = []
    for index, measure in enumerate(measures):
        ratio = measure.denominator is not None or not measure.per_unit
        below = denominator(index) if ratio else None
        if not total.mean(below):
            raise AnalysisError(f"metric {measure.name}: no row has a value, or the denominator's sum is 0")
        try:
            mean = float(total.mean(numerator(index)) / total.mean(below))
            variance = float(total.ratio_var(numerator(index), below))
        except ZeroDivisionError:
            mean = variance = nan
        if not (isfinite(mean) and isfinite(variance)):
            raise AnalysisError(f"metric {measure.name}: its sums are beyond what 64 bits can hold")
        found.append((measure, mean, max(variance, 0.0) ** 0.5, total.count()))
    return found


def power_of(  # noqa: PLR0913, PLR0917 - all that a size depends on
    measure: Measure,
    mean: float,
    deviation: float,
    share: float = 0.5,
    units_per_day: float | None = None,
    looks: float = LOOKS,
) -> Power:
    """Of one metric with this mean and standard deviation per unit; `share`: of units in the treated arm.

    The deviation of a ratio is that of its linearised units (Deng et al. 2018): `pilot` works it out.
    `looks`: the share of the error for looks before the planned end. Level .95, power .8. AnalysisError for a
    mean of 0, of which no relative effect exists, or no variation.

    >>> found = power_of(Measure("clicks", "clicks"), mean=2, deviation=1.5, units_per_day=1_000)
    >>> found.fixed, found.planned, found.anytime, f"{found.days:.0f} days"
    (7064, 7292, 16956, '17 days')
    """
    if mean == 0 or deviation <= 0:
        raise AnalysisError(
            f"{measure.name}: mean {mean:g} and deviation {deviation:g} give no relative effect"
        )
    if not 0 < share < 1:
        raise AnalysisError(f"share: {share:g} must be between 0 and 1; both arms need units")
    effect = measure.effect * abs(mean)
    spread = deviation**2 * (1 / share + 1 / (1 - share))
    fixed, planned = (growth_once(effect, spread**0.5, each) for each in (0.95, spent(0.95, looks).end))
    anytime = growth_needed(effect, spread**0.5, 1)
    days = anytime / units_per_day if units_per_day else None
    return Power(measure.name, measure.effect, ceil(fixed), ceil(planned), ceil(anytime), days)
