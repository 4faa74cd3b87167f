"""The first of many viewers counts, by version; what goes on failing fails anew every minute."""

from __future__ import annotations

from bentos.control.guard.first_seen import FirstOfMinute, FirstSeen
from tests.bentos.control.guard.examples import decision, head


def test_the_first_viewer_of_a_list_counts_by_version() -> None:
    first = FirstSeen()
    told = [first.new(version, decision(number)) for number in range(5) for version in ("3", "4")]
    assert told == [True, True] + [False] * 8
    assert first.new("3", decision(9, candidates=["a", "b"], slate=[1, 0], scores=[1.0, 0.5]))
    assert first.new("3", decision(9, context={"hour": 8}))


def test_within_a_minute_the_first_counts() -> None:
    """Of the server's clock, whatever time the events have."""
    first = FirstOfMinute()
    seconds = [first.new(head(decision(0, received=6000.0 + second))) for second in range(180)]
    assert [second for second, new in enumerate(seconds) if new] == [0, 60, 120]
    assert first.new(head(decision(0, received=6170.0, model="small/4")))
    assert not first.new(head(decision(1, received=6170.0)))
    assert first.new(head(decision(1, received=6170.0, candidates=["c", "b", "a"])))
