"""What the guard at work is made of: stops, the next state, the fallback order, each source of evidence."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from bentos.control.guard import answers, outcomes, quantities, record_head
from bentos.control.guard.context import ContextWatch, Moment
from bentos.control.guard.quantities import range_of, still_of
from bentos.control.guard.stop_or_shared import Standing, act
from monitoring.guard.guard import Trip
from monitoring.log.record import Decision, Outcome, RecordError, encode

HOUR = 3600.0


def trip(version: str, quantity: str = "unsound scores", time: float = 100.0) -> Trip:
    return Trip(version, quantity, "seconds", 1.0, 0.01, 5, f"{quantity}: mean 1", time)


def decision(number: int = 0, **changes: object) -> Decision:
    base = Decision(
        request_id=f"r{number}",
        time=1000.0 + number,
        received=5000.0,
        unit="u",
        context={"hour": 7},
        attributes={},
        arms=[],
        experiments="",
        epoch=1,
        model="small/3",
        snapshot="s",
        candidates=["a", "b", "c"],
        slate=[2, 0, 1],
        scores=[0.9, 0.5, None],
        propensities=[1.0, 1.0, 1.0],
        explored=False,
    )
    return msgspec.structs.replace(base, **changes)


def read(one: Decision) -> record_head.Seen:
    return record_head.read(encode(one).rstrip(b"\n"))


def test_answers_tell_of_their_version_or_of_nobody() -> None:
    """A fallback counts against whoever caused it; the guard's own counts against none."""
    kinds = [None, "scores not finite: 1 of 3", "scoring failed: ValueError", "catalogue unavailable: gone",
             "stopped by the guard: x", "arm unavailable: @challenger is not served"]  # fmt: skip
    rows = [read(decision(number, fallback=kind)) for number, kind in enumerate(kinds)]
    versions, shared = answers.observe([*rows, read(decision(9, seconds=2.0, model="small/4"))], slow=1.0)
    assert versions["3"] == {
        quantities.UNSOUND: [0, 1, 0, 0],
        quantities.FALLBACK: [0, 0, 1, 0],
        quantities.SLOW: [0, 0, 0, 0],
    }
    assert versions["4"][quantities.SLOW] == [1]
    assert shared == {quantities.NO_SCORES: [0, 0, 0, 1, 0, 0]}


def test_a_record_is_read_in_short_and_a_share_is_picked_by_id() -> None:
    """The same requests for every reader; what is no record, or newer, is refused."""
    rows = [read(decision(number)) for number in range(4000)]
    assert rows[0].version == "3"
    picked = {row.request_id for row in rows if row.sampled(0.02)}
    assert abs(len(picked) - 80) < 4 * math.sqrt(80)
    assert picked <= {row.request_id for row in rows if row.sampled(0.1)}
    for line in (b"{}", b"x", encode(decision()).replace(b'"v":1', b'"v":2')):
        with pytest.raises(RecordError):
            record_head.read(line)


def moments(hours: int, frozen_from: int | None = None, broken: float | None = None) -> list[Moment]:
    """Three airports an hour: a feature that moves, one that changes daily, one that never does."""
    draw = np.random.default_rng(3)
    found: list[Moment] = []
    for hour in range(hours):
        for airport in range(3):
            value = draw.normal(50 + airport, 5)
            if frozen_from is not None and hour >= frozen_from:
                value = 50.0 + airport
            context = {"delay": round(float(abs(value)), 2), "weekday": hour // 24 % 7, "airport": airport}
            if broken is not None:
                context["delay"] *= broken
            found += [(hour * HOUR, context)] * 5  # five viewers ask
    return found


def test_context_that_stands_still_is_told_from_context_that_repeats() -> None:
    """Only what moved in the reference is watched for that, and five viewers are one observation."""
    watch = ContextWatch(["delay", "airport"], moments(500))
    names = [each.name for each in watch.quantities]
    assert names == [still_of("delay"), range_of("delay"), range_of("airport")]
    healthy = watch.observe(moments(48))
    assert np.mean(healthy[still_of("delay")]) < 0.1
    assert len(healthy[range_of("delay")]) == 48 * 3
    frozen = ContextWatch(["delay"], moments(500)).observe(moments(48, frozen_from=24))
    assert np.mean(frozen[still_of("delay")][-60:]) == 1


@pytest.mark.parametrize("times", [-1.0, 100.0])
def test_context_out_of_range(times: float) -> None:
    """A sign that turned, or another unit."""
    watch = ContextWatch(["delay"], moments(100))
    assert np.mean(watch.observe(moments(100))[range_of("delay")]) == 0
    assert np.mean(watch.observe(moments(50, broken=times))[range_of("delay")]) > 0.95


def test_outcomes_count_when_they_are_due() -> None:
    """Not before the delay, the latest of each item, and only of what was explored and scored."""
    pending = outcomes.Pending(delay=100.0)
    pending.add(decision(0, explored=True))
    pending.add(decision(50, explored=True))
    for item, value, time in (("c", 0.0, 1001.0), ("a", 1.0, 1002.0), ("c", 2.0, 1003.0), ("b", 9.0, 1002.0)):
        pending.told(Outcome(request_id="r0", item=item, value=value, time=time, received=0.0))
    assert pending.matured(None) == pending.matured(1099.0) == []
    [due] = pending.matured(1100.0)
    scores, values = due.labelled()
    assert (scores.tolist(), values.tolist()) == ([0.9, 0.5], [2.0, 1.0])  # b had no score
    assert len(pending) == 1
    assert pending.matured(1100.0) == []


def test_what_outcomes_tell() -> None:
    """Order in (0: right, 1: upside down), and both sides of calibration for probabilities."""

    def waiting(scores: dict[str, float], values: dict[str, float]) -> outcomes.Waiting:
        return outcomes.Waiting(
            "3", 0.0, dict(scores), {item: (1.0, value) for item, value in values.items()}
        )

    found = outcomes.observe([waiting({"a": 0.9, "b": 0.2}, {"a": 0.0, "b": 1.0})], probabilities=True)
    assert found["3"][quantities.ORDER] == [1.0]
    assert found["3"][quantities.TOO_LOW] == [pytest.approx(0.475)]
    assert found["3"][quantities.TOO_HIGH] == [pytest.approx(0.525)]
    nothing = outcomes.observe([waiting({"a": 3.0}, {})], probabilities=False)
    assert nothing == {"3": {quantities.ORDER: []}}
    assert outcomes.clock([]) is None
    assert outcomes.clock([5.0, 1e9, 6.0]) == 6.0  # a replay, and one live request in between


SERVING = Standing(frozenset({"3", "4"}), "3", {})


def test_one_version_that_trips_stops() -> None:
    assert act(trip("3"), {"3": [trip("3")], "4": []}, SERVING).stop == trip("3")


def test_what_is_stopped_or_known_to_be_shared_is_left_alone() -> None:
    trips = {"3": [trip("3")]}
    nothing = (None, None, ())
    for standing in (Standing(frozenset({"4"}), "4", {"3": "unsound scores"}),
                     Standing(frozenset({"3"}), "3", {}, frozenset({"unsound scores"}))):  # fmt: skip
        found = act(trip("3"), trips, standing)
        assert (found.stop, found.shared, found.release) == nothing


def test_all_versions_on_one_quantity_are_not_to_blame() -> None:
    """The second one to trip releases the first; on another quantity, or a day later, it stops too."""
    standing = Standing(frozenset({"4"}), "2", {"3": "unsound scores"})
    second = trip("4", time=150.0)
    found = act(second, {"3": [trip("3")], "4": [second]}, standing)
    assert (found.stop, found.shared, found.release) == (None, second, ("3",))
    for late in (trip("4", time=86500.0), trip("4", "slow answers")):
        assert act(late, {"3": [trip("3")], "4": [late]}, standing).stop == late


def test_who_took_over_and_trips_alike_ends_the_chain() -> None:
    """Whatever a challenger without traffic has, or has not, shown."""
    standing = Standing(frozenset({"2", "4"}), "2", {"3": "unsound scores"}, after="3")
    second = trip("2", time=150.0)
    found = act(second, {"3": [trip("3")], "2": [second], "4": []}, standing)
    assert (found.shared, found.release) == (second, ("3",))
