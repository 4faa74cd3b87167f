"""Estimates of several methods are resampled by the same draws, and each is what it is alone."""

import numpy as np
import pytest

from experiments.offpolicy import intervals
from experiments.offpolicy.intervals import Intervals, estimates_of


@pytest.mark.parametrize("most", [50, intervals.MOST_DRAWN])
def test_an_estimate_does_not_depend_on_those_beside_it(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where clusters are drawn in bundles."""
    monkeypatch.setattr(intervals, "MOST_DRAWN", most)
    draw = np.random.default_rng(0)
    sums = {name: draw.normal(k, 1, 400) for k, name in enumerate(("ips", "snips", "dr"))}
    sizes = draw.integers(1, 5, 400).astype(float)
    together = estimates_of(sums, sizes, Intervals(resamples=200))
    alone = [estimates_of({name: each}, sizes, Intervals(resamples=200))[0] for name, each in sums.items()]
    assert together == tuple(alone)


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    """300 samples of 200 clusters: 95% ± 4 standard errors of that share hold the mean."""
    draw = np.random.default_rng(1)
    held = np.zeros(2)
    for _ in range(300):
        sizes = draw.integers(1, 6, 200).astype(float)
        found = estimates_of({"m": draw.normal(2 * sizes, 1)}, sizes, Intervals(resamples=200))[0]
        held += [low <= 2 <= high for low, high in (found.normal, found.bootstrap)]
    spread = np.sqrt(0.95 * 0.05 / 300)
    assert abs(held[0] / 300 - 0.95) < 4 * spread
    assert abs(held[1] / 300 - 0.95) < 5 * spread
