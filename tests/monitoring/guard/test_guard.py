"""The guard trips on what is wrong, says why, and leaves the healthy alone."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata, spearmanr

from monitoring.guard.evidence import Odds
from monitoring.guard.guard import Guard, Quantity, Trip, discordance_limit, share_limit, shared
from monitoring.guard.ordering import disagreement, discordance, outside, ranks

FALLBACK = Quantity("fallback", "seconds", 0.02, "twice the canary's 0.4%, at least 1%")
ORDER = Quantity("disagreement", "minutes", 0.35, "correlation .3")
OUTCOMES = Quantity("discordance", "hours", 0.45, "a quarter of the reference's lead")


def scored_requests(seed: int, count: int, flip: bool = False) -> list[tuple[np.ndarray, np.ndarray]]:
    """(scores, outcomes) of requests with 18 items, a fifth of them good, at an AUC of 0.75."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        outcomes = (rng.random(18) < 0.2).astype(float)
        scores = rng.standard_normal(18) + 0.954 * outcomes  # sqrt(2) times the normal quantile of .75
        found.append((-scores if flip else scores, outcomes))
    return found


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
    assert trip.recent > 0.6
    assert re.match(r"discordance: mean 0\.\d+ lately, healthy up to 0\.45 \(a quarter of the", trip.evidence)
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
    guard.clear()
    assert guard.trips == []
    assert guard.look({"fallback": np.zeros(50)}, now=3.0) == []
    assert guard.look({"fallback": np.ones(50)}, now=4.0) != [], "and it watches again"


def test_a_restart_of_the_watcher_is_no_amnesty() -> None:
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


floats = arrays(
    np.float64, st.shared(st.integers(2, 30), key="n"), elements=st.sampled_from([0.0, 1, 2, 3, 4])
)


@given(scores=floats, outcomes=floats)
def test_discordance_is_what_its_definition_says(scores: np.ndarray, outcomes: np.ndarray) -> None:
    """Against every pair, one by one; and turning the scores round turns it round."""
    wrong = pairs = 0.0
    for i in range(len(scores)):
        for j in range(len(scores)):
            if outcomes[i] > outcomes[j]:
                pairs += 1
                wrong += 1.0 if scores[i] < scores[j] else 0.5 if scores[i] == scores[j] else 0.0
    found = discordance(scores, outcomes)
    assert found == (pytest.approx(wrong / pairs) if pairs else None)
    if found is not None:
        assert discordance(-scores, outcomes) == pytest.approx(1 - found)


@given(scores=floats, others=floats)
def test_disagreement_is_spearmans(scores: np.ndarray, others: np.ndarray) -> None:
    assert ranks(scores).tolist() == (rankdata(scores) - 1).tolist()
    found = disagreement(scores, others)
    if len(set(scores)) == 1 or len(set(others)) == 1:
        assert found is None
    else:
        assert found == pytest.approx((1 - spearmanr(scores, others).statistic) / 2)


def test_what_tells_nothing_is_none() -> None:
    one, none = np.ones(1), np.empty(0)
    assert disagreement(one, one) is None
    assert discordance(one, one) is None
    assert discordance(none, none) is None
    assert outside(none, 0, 1) is None
    assert outside(np.array([-1.0, 0.0, 1.0, 2.0]), 0, 1) == 0.5


@pytest.mark.parametrize("of", [disagreement, discordance])
def test_vectors_of_different_lengths_are_refused(of: object) -> None:
    with pytest.raises(ValueError, match=r"3 scores and 2 (others|outcomes)"):
        of(np.ones(3), np.ones(2))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("bad", "of", "low", "high"),
    [(0, 100_000, 0.01, 0.01), (0, 20, 0.3, 0.6), (50, 1000, 0.12, 0.15), (20, 20, 0.99, 0.99)],
)
def test_a_limit_of_a_share_knows_how_little_was_seen(bad: int, of: int, low: float, high: float) -> None:
    """Twice the upper bound: the smaller the reference, the farther away; never under 1%, never over 99%."""
    assert low <= share_limit(bad, of) <= high


def test_a_limit_needs_a_reference() -> None:
    with pytest.raises(ValueError, match="0 of 0: a reference has at least one request"):
        share_limit(0, 0)
    with pytest.raises(ValueError, match=r"the reference's discordance is 0\.5"):
        discordance_limit(list(np.random.default_rng(0).uniform(0.2, 0.75, 50)))
    with pytest.raises(ValueError, match="1 requests"):
        discordance_limit([0.2])


def test_a_limit_of_discordance_lies_between_the_reference_and_chance() -> None:
    reference = [value for pair in scored_requests(9, 400) if (value := discordance(*pair)) is not None]
    limit = discordance_limit(reference)
    assert float(np.mean(reference)) < limit < 0.5
    assert limit == pytest.approx(0.44, abs=0.02)


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
