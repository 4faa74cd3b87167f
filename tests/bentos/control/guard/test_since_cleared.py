"""What answers tell still of faults that a person has cleared since they were given."""

from __future__ import annotations

from bentos.control.guard.quantities import ALL, FALLBACK, SLOW, UNKNOWN
from bentos.control.guard.since_cleared import SinceCleared, still_told
from bentos.home.stops import Cleared, Stop
from tests.bentos.control.guard.examples import decision, head


def stop(subject: str, cleared: float | None) -> Stop:
    said = None if cleared is None else Cleared("ann", "mended", cleared)
    return Stop("shared", subject, subject, "", "", 1.0, cleared=said)


def test_answers_are_parted_where_something_was_cleared() -> None:
    """At the moment itself an answer is from before; what nobody has cleared is cleared for none."""
    since = SinceCleared([stop("a", 10.0), stop("b", 20.0), stop("c", None)])
    heads = [head(decision(number, received=5.0 * number)) for number in range(6)]
    found = [([each.request_id for each in told], stale) for told, stale in since.stretches(heads)]
    assert found == [
        (["r0", "r1", "r2"], {"a", "b"}),
        (["r3", "r4"], {"b"}),
        (["r5"], frozenset()),
    ]


def test_all_answers_are_one_stretch_where_nothing_was_cleared() -> None:
    heads = [head(decision(number)) for number in range(3)]
    assert list(SinceCleared().stretches(heads)) == [(heads, frozenset())]
    assert list(SinceCleared().stretches([])) == []


def test_what_was_cleared_since_is_not_known() -> None:
    since = SinceCleared([stop("a", 10.0), stop("b", None)])
    assert since.knows(stop("a", 10.0))
    assert since.knows(stop("b", None))
    assert not since.knows(stop("a", 11.0))
    assert not since.knows(stop("b", 11.0))


def test_an_answer_tells_nothing_of_what_was_cleared_since() -> None:
    """Of a version nothing at all; of a fault that all share, no quantity of its family."""
    found = {"delay stands still": [1.0], UNKNOWN: [0.5], FALLBACK: [0.0], SLOW: [0.0]}
    assert still_told("2", found, frozenset({"2"})) == {}
    assert still_told("1", found, frozenset({"2"})) == found
    found |= {"delay is missing": [1.0]}  # of the same feed
    left = still_told(ALL, found, frozenset({"context stands still", FALLBACK}))
    assert left == {UNKNOWN: [0.5], SLOW: [0.0]}
