"""Decisions wait for their outcomes, which tell of order and calibration."""

from __future__ import annotations

import numpy as np
import pytest

from bentos.control.guard import outcomes
from bentos.control.guard.outcomes import PendingDecision, PendingDecisions, event_time, observe
from bentos.control.guard.quantities import ORDER, TOO_HIGH, TOO_LOW
from monitoring.guard.evidence import Odds
from monitoring.guard.guard import Guard
from monitoring.guard.quantity import Quantity
from monitoring.log.observations import Observations, keys
from monitoring.log.record import Outcome
from tests.bentos.control.guard.examples import decision


def test_outcomes_count_when_they_are_due() -> None:
    """Not before the delay, the latest of each item, and only of what was explored and scored."""
    pending = PendingDecisions(delay=100.0)
    pending.add(decision(0, explored=True))
    pending.add(decision(50, explored=True))
    for item, value, time in (("c", 0.0, 1001.0), ("a", 1.0, 1002.0), ("c", 2.0, 1003.0), ("b", 9.0, 1002.0)):
        pending.take(Outcome(request_id="r0", item=item, value=value, time=time, received=0.0))
    assert pending.pop_matured(None) == pending.pop_matured(1099.0) == []
    [due] = pending.pop_matured(1100.0)
    scores, values = due.labelled()
    assert (scores.tolist(), values.tolist()) == ([0.9, 0.5], [2.0, 1.0])  # b had no score
    assert len(pending) == 1
    assert pending.pop_matured(1100.0) == []


def test_what_outcomes_tell() -> None:
    """Order in (0: right, 1: upside down), and both sides of calibration for probabilities."""

    def waiting(scores: dict[str, float], values: dict[str, float]) -> PendingDecision:
        return PendingDecision("3", 0.0, dict(scores), {item: (1.0, value) for item, value in values.items()})

    seen = Observations()
    found = observe([waiting({"a": 0.9, "b": 0.2}, {"a": 0.0, "b": 1.0})], True, seen)
    assert found[ORDER] == [1.0]
    assert found[TOO_LOW] == [pytest.approx(0.475)]
    assert found[TOO_HIGH] == [pytest.approx(0.525)]
    assert observe([waiting({"a": 3.0}, {})], False, seen) == {ORDER: []}
    assert event_time([]) is None
    assert event_time([5.0, 1e9, 6.0]) == 6.0  # a replay, and one live request in between


def test_a_recalled_decision_joins_what_waits() -> None:
    """Of one that waits here already only the outcomes are taken, and the latest of an item counts."""
    pending = PendingDecisions(delay=100.0)
    pending.add(decision(0, explored=True))
    pending.take(Outcome(request_id="r0", item="c", value=3.0, time=1050.0, received=0.0))
    pending.add_recalled(
        {
            "r0": PendingDecision(
                "3", 1000.0, {"c": 0.9, "a": 0.5}, {"c": (1040.0, 0.0), "a": (1041.0, 1.0)}
            ),
            "r1": PendingDecision("3", 1001.0, {"x": 0.1}, {"x": (1002.0, 2.0)}),
        }
    )
    first, second = pending.pop_matured(1101.0)
    assert first.values == {"c": (1050.0, 3.0), "a": (1041.0, 1.0)}
    assert second.values == {"x": (1002.0, 2.0)}


def test_an_outcome_of_an_unknown_request_is_nobodys() -> None:
    pending = PendingDecisions(delay=0.0)
    pending.take(Outcome(request_id="r9", item="c", value=3.0, time=1050.0, received=0.0))
    assert len(pending) == 0


def test_until_when_decisions_have_matured_never_goes_back() -> None:
    """Also where a look sees older records than the one before."""
    pending = PendingDecisions(delay=100.0)
    assert pending.counted is None
    pending.pop_matured(None)
    assert pending.counted is None
    pending.pop_matured(1000.0)
    pending.pop_matured(950.0)
    assert pending.counted == 900.0
    pending.pop_matured(1010.0)
    assert pending.counted == 910.0


def test_the_oldest_decisions_go_where_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MOST", 3)
    pending = PendingDecisions(delay=0.0)
    for number in range(5):
        pending.add(decision(number, explored=True))
    assert [each.time for each in pending.pop_matured(1e9)] == [1002.0, 1003.0, 1004.0]


def test_outcomes_that_are_all_alike_tell_nothing_of_the_order() -> None:
    told = {"a": (1.0, 1.0), "b": (1.0, 1.0)}
    assert observe([PendingDecision("4", 0.0, {"a": 0.1, "b": 0.2}, told)], False, Observations()) == {
        ORDER: []
    }


@pytest.mark.parametrize("viewers", [1, 5, 50])
def test_fifty_viewers_are_one_observation(viewers: int) -> None:
    """Of one list at one moment: they tell their mean, and nothing once more when others come later."""
    told = {"a": (1.0, 1.0), "b": (1.0, 0.0)}

    def made(moment: int, score: float) -> PendingDecision:
        asked = keys(["a", "b"], 7200.0 * moment, {"hour": moment})
        return PendingDecision("3", 7200.0 * moment, {"a": score, "b": 0.2}, told, asked)

    seen = Observations()
    right = [made(1, 0.9) for _ in range(viewers)]
    assert observe([*right, made(1, 0.1)], False, seen) == {ORDER: [pytest.approx(1 / (viewers + 1))]}
    assert observe([made(1, 0.1), made(2, 0.1)], False, seen) == {ORDER: [1.0]}


def test_the_false_alarms_of_one_list_by_fifty_viewers() -> None:
    """100 healthy versions, 40 moments each, at the limit; a list in a wrong order is so for all viewers.

    At most alpha, .05, of them may ever trip: 5 of 100 on average, 15 with probability .0001. Counted by
    viewer, most do.
    """
    draw = np.random.default_rng(2)
    limit, tripped = Quantity("order", "hours", 0.5, "chance", Odds(0.05, 1e9)), {1: 0, 50: 0}
    for _ in range(100):
        guards = {viewers: Guard("3", [limit]) for viewers in tripped}
        for moment, value in enumerate(draw.uniform(0, 1, 40)):
            for viewers, guard in guards.items():
                guard.look({"order": [value] * viewers}, float(moment))
        for viewers, guard in guards.items():
            tripped[viewers] += bool(guard.trips)
    print(f"of 100 healthy versions tripped, counted by observation and by viewer: {tripped}")
    assert tripped[1] <= 15
    assert tripped[50] >= 50
