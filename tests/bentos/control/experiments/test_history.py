"""Which experiments were live when, from the log's own count and the journal."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bentos.control.experiments.history import timeline


def row(epoch: int, digest: str, first: float, last: float, decisions: int = 1) -> dict[str, object]:
    return {"epoch": epoch, "digest": digest, "first": first, "last": last, "decisions": decisions}


def test_history_says_who_and_why() -> None:
    """Epochs of one digest are one version; it may come back; what nobody asked for has no name."""
    journal = [
        {"time": 9.9, "event": "experiments applied", "by": "ana", "reason": "try b", "after": "b"},
        {"time": 10.0, "event": "experiments", "after": "b", "epoch": 3},
        {"time": 30.0, "event": "experiments", "after": "c", "epoch": 5},
        {"time": 39.9, "event": "experiment stopped", "by": "ben", "reason": "b harms", "after": "a"},
        {"time": 40.0, "event": "experiments", "after": "a", "epoch": 6},
    ]
    served = [
        row(1, "a", 1, 5),
        row(2, "a", 5, 10),
        row(3, "b", 10, 20, 7),
        row(4, "b", 20, 30),
        row(6, "a", 40, 50),
    ]
    told = timeline(served, journal)
    assert [(each["digest"], each["epoch"], each["decisions"], each["by"], each["why"]) for each in told] == [
        ("a", 1, 2, None, None),
        ("b", 3, 8, "ana", "try b"),
        ("c", 5, 0, None, None),
        ("a", 6, 1, "ben", "b harms"),
    ]
    assert (told[0]["first"], told[0]["last"]) == (1, 10)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=20))
def test_history_counts_every_decision_once(runs: list[tuple[str, int]]) -> None:
    """Whatever the epochs, and neighbours always differ."""
    served = [row(n, digest, n, n + 1, count) for n, (digest, count) in enumerate(runs)]
    told = timeline(reversed(served), [])
    assert sum(each["decisions"] for each in told) == sum(count for _, count in runs)
    assert all(one["digest"] != two["digest"] for one, two in pairwise(told))
    assert json.dumps(told)
