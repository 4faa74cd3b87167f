"""The table of rollouts in docs/statistics.md at a small size; limits are what chance allows."""

from math import sqrt

import pytest

from tests.proofs.rolling import WORLDS, stops

RUNS, LOOKS = 25, 15


@pytest.mark.parametrize("name", ["nothing differs, heavy tails and 5% fallbacks", "reward +5%"])
def test_a_healthy_rollout_goes_on(name: str) -> None:
    """At most 1% are stopped by each figure and 2.5% by the metric, however often they are looked at."""
    shares, _ = stops(WORLDS[name], RUNS, 3, LOOKS)
    limits = {"fallbacks": 0.01, "latency": 0.01, "reward": 0.025, "no gain": 0.025}
    for word, share in shares.items():
        assert share <= limits[word] + 3 * sqrt(limits[word] / RUNS), shares


@pytest.mark.parametrize(
    ("name", "reason", "answers"),
    [
        ("fallbacks +10 points", "fallbacks", 800),
        ("all answers take twice as long", "latency", 6_000),
        ("reward -10%", None, 4_000),
    ],
)
def test_a_harmful_one_is_stopped(name: str, reason: str | None, answers: int) -> None:
    """For what is wrong with it, and soon."""
    shares, median = stops(WORLDS[name], 8, 5, LOOKS + 5)
    assert sum(shares.values()) == 1
    assert reason is None or shares == {reason: 1.0}
    assert median <= answers


@pytest.mark.slow
@pytest.mark.parametrize("name", list(WORLDS)[:3])
def test_healthy_rollouts_at_a_large_size(name: str) -> None:
    """400 of them, looked at fifty times."""
    shares, _ = stops(WORLDS[name], 400, 7)
    for word in ("fallbacks", "latency"):
        assert shares.get(word, 0.0) <= 0.01 + 3 * sqrt(0.01 / 400), shares
    assert shares.get("reward", 0.0) <= 0.025 + 3 * sqrt(0.025 / 400), shares
