"""Keys that are new among the last: once each, and anew when they are forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bentos.control.guard.recent_keys import RecentKeys


@given(st.lists(st.integers(0, 9)), st.integers(1, 12))
def test_a_key_is_new_unless_it_is_among_the_latest_new_ones(keys: list[int], kept: int) -> None:
    """Held against the plainest way to say it: a list of all that were new."""
    recent, new = RecentKeys(kept), list[int]()
    for key in keys:
        expected = key not in new[-kept:]
        assert recent.new(key) is expected
        new += [key] if expected else []
