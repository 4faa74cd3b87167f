"""The guard trips on what is wrong, says why, and leaves the healthy alone."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from monitoring.guard.evidence import Odds
from monitoring.guard.guard import Guard, shared
from monitoring.guard.ordering import disagreement, discordance
from monitoring.guard.quantity import Quantity
from monitoring.guard.watch import Trip
from tests.monitoring.guard.scored_requests import scored_requests

FALLBACK = Quantity("fallback", "seconds", 0.02, "twice the canary's 0.4%, at least 1%")
ORDER = Quantity("disagreement", "minutes", 0.35, "correlation .3")
OUTCOMES = Quantity("discordance", "hours", 0.45, "a quarter of the reference's lead")


def test_a_flipped_ranker_trips_and_a_healthy_one_does_not() -> None:
    """Outcomes of the exploration slice: the only evidence where both versions share a fault."""
    guards = {flip: Guard("flights/7", [OUTCOMES]) for flip in (False, True)}
    needed = None
    for k, (healthy, sick) in enumerate(
        zip(scored_requests(1, 3000), scored_requests(1, 3000, True), strict=True)
    ):
        for flip, (scores, outcomes) in ((False, healthy), (True, sick)):
            value = discordance(scores, outcomes)
            if value is not None and guards[flip].look({"discordance": [value]}, now=float(k)) and flip:
                needed = needed or k + 1
    assert guards[False].trips == []
    assert needed is not None
    assert needed <= 40
    (trip,) = guards[True].trips
    assert trip.mean > 0.6
    said = r"discordance: \d\d(\.\d)?% of \d+ observations since 1970-01-01 00:00 UTC, healthy up to 45% \("
    assert re.match(said, trip.evidence)
    assert "at most 0.001 of healthy versions ever get there" in trip.evidence


def test_an_inverted_challenger_trips_within_minutes_without_labels() -> None:
    """At a shadow share of 2% of 10 requests a second: ten requests are under a minute."""
    rng = np.random.default_rng(2)
    guard = Guard("flights/8", [ORDER])
    for k in range(12):
        scores = rng.standard_normal(18)
        value = disagreement(scores, -scores + rng.standard_normal(18) * 0.3)
        assert value is not None
        if guard.look({"disagreement": [value]}, now=60.0 + k):
            break
    assert [trip.quantity for trip in guard.trips] == ["disagreement"]


def test_a_fault_in_the_midst_of_serving_trips_within_two_looks() -> None:
    """Seconds: half of the answers become fallbacks after a healthy day."""
    rng = np.random.default_rng(3)
    guard = Guard("flights/7", [FALLBACK, ORDER])
    for second in range(86_400):
        if second % 60 == 0:  # a minute's worth at once is the same evidence, and a faster test
            assert guard.look({"fallback": (rng.random(600) < 0.005).astype(float)}, now=float(second)) == []
    looks = 1
    while not guard.look({"fallback": (rng.random(10) < 0.5).astype(float)}, now=86_400.0 + looks):
        looks += 1
    assert looks <= 2
    (trip,) = guard.trips
    assert "a healthy version gets there once in 3.16e+09 looks" in trip.evidence
    assert trip.time == 86_400.0 + looks


def test_a_trip_stays_until_it_is_cleared() -> None:
    guard = Guard("flights/7", [FALLBACK])
    (first,) = guard.look({"fallback": np.ones(50)}, now=1.0)
    assert guard.look({"fallback": np.ones(50)}, now=2.0) == [], "one fault, one trip"
    assert guard.trips == [first]
    guard.clear({"fallback"})
    assert guard.trips == []
    assert guard.look({"fallback": np.zeros(50)}, now=3.0) == []
    assert guard.look({"fallback": np.ones(50)}, now=4.0) != [], "and it watches again"


def test_evidence_goes_on_after_a_restart_of_the_watcher() -> None:
    """Half of the evidence before, half after."""
    values = np.r_[np.ones(2), np.zeros(3)]
    first, second = (Guard("flights/7", [FALLBACK, ORDER]) for _ in range(2))
    assert first.look({"fallback": values}, now=1.0) == []
    second.restore(json.loads(json.dumps(first.to_json())))
    assert second.look({"fallback": values}, now=2.0) != []
    alone = Guard("flights/7", [FALLBACK])
    assert alone.look({"fallback": values}, now=2.0) == []


def test_what_is_not_watched_is_refused() -> None:
    with pytest.raises(KeyError, match="latency: none of fallback, disagreement"):
        Guard("flights/7", [FALLBACK, ORDER]).look({"latency": [0.0]}, now=1.0)


def trip(quantity: str, time: float, version: str = "flights/7") -> Trip:
    return Trip(version, quantity, "minutes", 0.9, 0.3, 10, "evidence", time)


@pytest.mark.parametrize(
    ("trips", "found"),
    [
        ({"7": [trip("tails", 10)], "8": [trip("tails", 50)]}, ["tails"]),
        ({"7": [trip("tails", 10)], "8": [trip("tails", 200)]}, []),  # months apart are two faults
        ({"7": [trip("tails", 10)], "8": []}, []),
        ({"7": [trip("tails", 10)], "8": [trip("fallback", 10)]}, []),
        ({"7": [trip("tails", 10)]}, []),  # with one version nobody can tell
        ({}, []),
    ],
)
def test_a_fault_of_all_versions_is_not_the_versions(trips: dict[str, list[Trip]], found: list[str]) -> None:
    """Going from one version to the next and back would help nobody."""
    assert shared(trips, within=60.0) == found


def test_a_healthy_guard_is_silent_over_a_year_of_minutes() -> None:
    """Five quantities, all of them a little under their limits, half a million looks each."""
    rng = np.random.default_rng(11)
    quantities = [
        Quantity(f"q{k}", "minutes", limit, "test") for k, limit in enumerate((0.01, 0.02, 0.1, 0.3, 0.5))
    ]
    guard = Guard("flights/7", quantities)
    for hour in range(0, 525_600, 60):  # an hour's looks as one, of one observation a minute
        seen = {q.name: (rng.random(60) < 0.95 * q.limit).astype(float) for q in quantities}
        assert guard.look(seen, now=float(hour)) == []


def test_the_odds_of_a_quantity_can_be_declared() -> None:
    """A guard that may be wrong more often is faster."""
    needed = []
    for odds in (Odds(0.001, 1e9), Odds(0.05, 1e4)):
        guard = Guard("flights/7", [Quantity("q", "seconds", 0.1, "test", odds)])
        looks = 1
        while not guard.look({"q": [1.0]}, now=0.0):
            looks += 1
        needed.append(looks)
    assert needed[1] < needed[0]


def test_a_guard_reports_where_it_stands() -> None:
    """Evidence as a share of what a trip takes."""
    guard = Guard("3", [Quantity("slow answers", "seconds", 0.05, "rule")])
    assert guard.report()["slow answers"]["mean"] is None
    guard.look({"slow answers": np.zeros(100)}, 1.0)
    calm = guard.report()["slow answers"]
    assert (calm["observations"], calm["mean"], calm["limit"]) == (100, 0.0, 0.05)
    guard.look({"slow answers": np.ones(20)}, 2.0)
    assert guard.trips
    assert guard.report()["slow answers"]["evidence"] >= 1 > calm["evidence"]
