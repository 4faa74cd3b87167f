"""Which decisions are one observation."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from monitoring.log.observations import Observations

HOUR = 3600.0


def test_viewers_of_one_list_are_one_observation() -> None:
    """At the same event time whatever they send; within an hour where they send the same."""
    seen = Observations()
    first = seen.number(["a", "b"], 10 * HOUR, {"rain": 1.0, "town": "x"})
    assert seen.number(["b", "a"], 10 * HOUR, {"rain": 1.0, "town": "x"}) == first
    assert seen.number(["a", "b"], 10 * HOUR, {"rain": None}) == first
    assert seen.number(["a", "b"], 10 * HOUR + 1800, {"town": "x", "rain": 1.0}) == first
    assert seen.number(["a", "b"], 12 * HOUR, {"rain": 1.0, "town": "x"}) == first + 1
    assert seen.number(["a", "b", "c"], 10 * HOUR, {"rain": 1.0, "town": "x"}) == first + 2


def test_other_contexts_of_live_viewers_are_their_own() -> None:
    """One list for everybody, ordered for each: at other moments these are other observations."""
    seen = Observations()
    assert [seen.number(["a", "b"], 7200.0 + k / 7, {"viewer's age": k}) for k in range(50)] == [*range(50)]


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 2**16))
def test_the_number_of_viewers_changes_nothing(requests: int, viewers: int, seed: int) -> None:
    """As many observations as requests, in whatever order the viewers come."""
    asked = [(f"item-{k}", k * HOUR, {"k": k}) for k in range(requests)] * viewers
    random.Random(seed).shuffle(asked)
    seen = Observations()
    new = [seen.new([item, "other"], time, context) for item, time, context in asked]
    assert sum(new) == requests
    assert len({seen.number([item, "other"], time, context) for item, time, context in asked}) == requests


def test_what_is_remembered_is_bounded() -> None:
    seen = Observations(kept=10)
    for k in range(1000):
        assert seen.new([k], float(k), {})
    assert len(seen._numbers) == 10
    assert not seen.new([999], 999.0, {})
    assert seen.new([3], 3.0, {})
