"""Have outcomes moved away from what they were, or from what scores say? And since when?

Features may stay as they were while what follows from them changes: that shows in outcomes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitoring.drift.change_point import DatedChange, change_of
from monitoring.drift.limits import FOUR_OF_FIVE, divisions
from monitoring.drift.series import Floats, Series

LEAST_BLOCKS = (10, 5)  # of the reference and of the current window


@dataclass(frozen=True)
class OutcomeDrift:
    """One quantity of outcomes in both windows. `seen` is the difference that is found four times of five."""

    name: str
    reference: float
    current: float
    limit: float
    p: float
    seen: float
    blocks: tuple[int, int]
    drifted: bool
    change: DatedChange | None
    """The date of a change, in both windows together; None where there is none beyond chance."""

    @property
    def difference(self) -> float:
        """Current less reference."""
        return self.current - self.reference


def compare_outcomes(
    series: Sequence[Series], alpha: float, rng: np.random.Generator
) -> tuple[tuple[OutcomeDrift, ...], tuple[str, ...]]:
    """Each quantity's difference with its limit and date, and why there is none for some.

    The limit is the `1 - alpha / 2m` quantile of the differences that chance makes when blocks change places
    (m quantities; the other half of alpha is the date's). So when nothing differs, a share `alpha` of the
    reports names any quantity.
    """
    share = alpha / (2 * max(len(series), 1))
    found: list[OutcomeDrift] = []
    lacking: list[str] = []
    for each in series:
        some = each.known()
        blocks = (int((~some.current).sum()), int(some.current.sum()))
        if blocks[0] < LEAST_BLOCKS[0] or blocks[1] < LEAST_BLOCKS[1]:
            lacking.append(
                f"{each.name}: too little data to say: {blocks[0]} blocks with outcomes in the reference and "
                f"{blocks[1]} in the current window, where {LEAST_BLOCKS[0]} and {LEAST_BLOCKS[1]} are needed"
            )
            continue
        found.append(_compared(some, blocks, share, rng))
    return tuple(found), tuple(lacking)


def _compared(
    series: Series, blocks: tuple[int, int], share: float, rng: np.random.Generator
) -> OutcomeDrift:
    reference, current = (_mean(series, series.current == which) for which in (False, True))
    chance = np.abs(_by_chance(series, blocks, rng))
    deviation = float(np.sqrt((chance**2).mean()))
    limit = max(float(np.quantile(chance, 1 - share, method="higher")), series.least)
    difference = abs(current - reference)
    p = float((np.count_nonzero(chance >= difference) + 1) / (len(chance) + 1))
    change = change_of(series, rng)
    dated = change is not None and change.p <= share and abs(change.after - change.before) > series.least
    return OutcomeDrift(
        series.name,
        reference,
        current,
        limit,
        p,
        limit + FOUR_OF_FIVE * deviation,
        blocks,
        difference > limit or dated,
        change if dated else None,
    )


def _mean(series: Series, rows: np.ndarray) -> float:
    return float(series.sums[rows].sum() / series.weights[rows].sum())


def _by_chance(series: Series, blocks: tuple[int, int], rng: np.random.Generator) -> Floats:
    """The differences where the blocks are divided at random, at the sizes they have."""
    chosen = np.concatenate([divisions(*blocks, rng) for _ in range(4)]).astype(np.float64)
    sums, weights = chosen @ series.sums, chosen @ series.weights
    rest, left = series.sums.sum() - sums, series.weights.sum() - weights
    return np.asarray(sums / np.maximum(weights, 1e-300) - rest / np.maximum(left, 1e-300))
