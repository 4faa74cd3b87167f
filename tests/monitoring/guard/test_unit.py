"""Mean and limit are said in one unit."""

from __future__ import annotations

import pytest

from monitoring.guard.quantity import Quantity
from monitoring.guard.unit import Unit
from monitoring.guard.watch import Watch


@pytest.mark.parametrize(
    ("unit", "limit", "value", "said"),
    [
        (Unit("contexts"), 0.25, 0.5, "50% of 30 contexts since 2023-11-14 22:13 UTC, healthy up to 25% ("),
        (
            Unit("requests", "of the candidates"),
            0.3,
            0.6,
            "60% of the candidates in 30 requests since 2023-11-14 22:13 UTC, healthy up to 30% (",
        ),
        (
            Unit("requests", "apart", "figure"),
            0.35,
            0.972,
            "0.972 apart in 30 requests since 2023-11-14 22:13 UTC, healthy up to 0.35 (",
        ),
        (
            Unit("explored requests", "on average", "excess"),
            0.575,
            0.7,
            "0.4 on average in 30 explored requests since 2023-11-14 22:13 UTC, healthy up to 0.15 (",
        ),
    ],
)
def test_a_trip_says_the_mean_since_the_change(unit: Unit, limit: float, value: float, said: str) -> None:
    """The healthy looks before are no part of it, though they are recent."""
    watch = Watch(Quantity("q", "minutes", limit, "rule", unit=unit))
    for at in range(40):
        watch.look([0.0], 1_700_000_000.0 - 60 * (40 - at))
    for at in range(30):
        watch.look([value], 1_700_000_000.0 + 60 * at)
    trip = watch.trip("3", 1.0)
    assert trip.evidence.startswith(f"q: {said}rule); evidence 10^")
    assert f" after 70 {unit.each}, " in trip.evidence
    assert (trip.mean, trip.since) == (pytest.approx(value), 1_700_000_000.0)
    assert watch.report()["change"] == {
        "since": trip.since,
        "observations": 30,
        "mean": pytest.approx(value),
    }
