"""Weights tested in parts: within an arm, a slice or a position their mean is 1 as well.

The mean weight of all decisions is 1 where propensities are right and the log can do what the target does
(`support` tests it). Propensities that are too large here and too small there can hide in it. Within any part
that is known before the action is drawn the mean is 1, too. And 1 / propensity, counted where one action was
taken, has the mean 1 over all decisions if that action could be taken in each of them, and less if not: that
shows propensities that were swapped between rows, rounded, clipped or made constant.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from experiments.offpolicy.labels import Labels, coded

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

FALSE_ALARMS = 0.001
"""Share of sound logs that the tests of one column refuse, shared by its values (Bonferroni)."""
FURTHEST = 0.1
"""How far the mean weight of a part may be from 1, whatever its error: other parts make up for it."""
FEWEST = 100
"""Decisions of a part from which on its mean is about normal."""
MOST = 50
"""Values of a column that are tested, the largest parts first."""


@dataclass(frozen=True, slots=True)
class LogParts:
    """What decisions are told apart by, an entry per row of the log.

    `known`: name → its value, of what is known before the action is drawn; an entry per decision will do.
    `action`: what was done, of a log in memory. `always`: every action can be taken in every decision.
    """

    known: Mapping[str, Objects | Labels] = field(default_factory=dict)
    action: Objects | Labels | None = None
    always: bool = False


def in_parts(weight: Floats, labels: Objects | Labels, name: str) -> list[str]:
    """Why the weights (float64[n]) are refused within the values of one column.

    A part's error is taken from its own weights or from all weights, whichever is larger: a part whose target
    was never taken has no variation of its own.
    """
    values, codes, counts = _largest(labels)
    parts = [weight[codes == index] for index in range(len(values))]
    means = [float(part.mean()) for part in parts]
    variances = [float(np.var(part)) for part in parts]
    return list(_sentences(name, values, counts.tolist(), means, variances, float(np.var(weight))))


def in_positions(count: Floats, mean: Floats, squares: Floats, spread: float) -> list[str]:
    """The same within positions, float64[p]: how many rows, their mean weight, squared deviations from it.

    `spread` are the squared deviations of all rows from the mean of all.
    """
    by_size = sorted(np.flatnonzero(count).tolist(), key=lambda place: (-count[place], str(place + 1)))
    places = by_size[:MOST]
    names, variances = [str(place + 1) for place in places], squares[places] / count[places]
    moments = (count[places].tolist(), mean[places].tolist(), variances.tolist())
    return list(_sentences("position", names, *moments, float(spread / count.sum())))


def _sentences(  # noqa: PLR0913, PLR0917 - moments of parts
    name: str,
    values: Sequence[str],
    counts: Sequence[float],
    means: Sequence[float],
    variances: Sequence[float],
    spread: float,
) -> Iterator[str]:
    for value, count, mean, variance in zip(values, counts, means, variances, strict=True):
        error = float(np.sqrt(max(variance, spread) / max(count, 1)))
        limit = max(FURTHEST, _quantile(len(values)) * error)
        if count >= FEWEST and abs(mean - 1) > limit:
            yield (
                f"{name} {value}: the mean weight of its {count:,.0f} decisions is {mean:.2f} ± "
                f"{error:.2f} where it must be 1 (within {limit:.2g}): {_reason(mean)}"
            )


def of_actions(propensity: Floats, actions: Objects | Labels, *, always: bool) -> list[str]:
    """Why propensities (float64[n], of the actions taken) are refused by how often each action was taken."""
    values, codes, counts = _largest(actions)
    sentences = []
    for index, value in enumerate(values):
        seen = np.where(codes == index, 1 / propensity, 0.0)
        mean, error = float(seen.mean()), float(seen.std() / np.sqrt(len(seen)))
        limit = max(FURTHEST, _quantile(len(values)) * error)
        if counts[index] >= FEWEST and (mean - 1 > limit or (always and 1 - mean > limit)):
            sentences.append(
                f"action {value}: 1 / propensity over the {counts[index]:,} decisions that took it is "
                f"{mean:.2f} ± {error:.2f} of all decisions where it must be {'' if always else 'at most '}1 "
                f"(within {limit:.2g}): its logged propensities are not how often it is taken"
            )
    return sentences


def _reason(mean: float) -> str:
    if mean < 1:
        return "there the target does what the log never does, or propensities are too large"
    return "there propensities are too small"


def _largest(labels: Objects | Labels) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """The most frequent values, each entry's place among them (−1: none), and their counts."""
    names, codes = labels if isinstance(labels, Labels) else coded(labels)
    counts = np.bincount(codes, minlength=len(names))
    order = np.argsort(-counts, kind="stable")[: min(MOST, np.count_nonzero(counts))]
    place = np.full(len(names), -1, np.int64)
    place[order] = np.arange(len(order))
    return [names[each] for each in order], place[codes], counts[order].astype(np.int64)


def _quantile(tests: int) -> float:
    return float(ndtri(1 - FALSE_ALARMS / 2 / tests))
