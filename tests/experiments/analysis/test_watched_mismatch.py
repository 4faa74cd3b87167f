"""A mismatch test that is looked at after every hundred units alarms at most as often as it says."""

import numpy as np
import pytest

from experiments.analysis.mismatch import mismatch
from experiments.analysis.watched_mismatch import watched_p

RUNS = 400


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1)])
def test_continuous_looking_alarms_rarely(shares: tuple[float, float]) -> None:
    """400 fair splits of 20,000 units, 60 looks: p < .05 in at most 5%, Pearson's in far more."""
    draw, half = np.random.default_rng(1), np.array(shares)
    sizes = np.unique(np.geomspace(100, 20_000, 60).astype(int))
    alarms = fixed = 0
    for _ in range(RUNS):
        first = np.cumsum(draw.binomial(np.diff(sizes, prepend=0), shares[0]))
        looks = np.array([first, sizes - first], float).T
        alarms += any(watched_p([look], [half]) < 0.05 for look in looks)
        scores = np.abs(first - sizes * shares[0]) / np.sqrt(sizes * shares[0] * shares[1])
        fixed += bool((scores > 1.96).any())
    assert alarms / RUNS <= 0.05 + 3 * np.sqrt(0.0475 / RUNS), alarms
    assert fixed / RUNS > 0.2


def test_a_real_mismatch_is_seen() -> None:
    """51/49 of 100,000 units; in one of two phases as well."""
    bad, fair = {"a": 51_000, "b": 49_000}, {"a": 50_020, "b": 49_980}
    half = {"a": 0.5, "b": 0.5}
    assert mismatch({"": bad}, {"": half}, watched=True).blocks
    assert mismatch({"x": bad, "y": fair}, {"x": half, "y": half}, watched=True).blocks
    assert not mismatch({"x": fair, "y": fair}, {"x": half, "y": half}, watched=True).blocks


def test_nothing_seen_proves_nothing() -> None:
    """Nor do arms that may have no units."""
    assert watched_p([], []) == 1.0
    assert watched_p([np.array([10.0, 0.0])], [np.array([1.0, 0.0])]) == 1.0
