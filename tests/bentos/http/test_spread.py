"""Turns: somebody always accepts, nobody takes more than its share, and letting go has a bounded rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bentos.http.spread import ABSENT, FASTEST, PATIENCE, Evening, Turn, WorkerLoad, least


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.integers(0, 60))
def test_a_turn_is_of_who_holds_no_more_than_the_others(others: list[int], held: int) -> None:
    seen = [WorkerLoad(each, 0, 10.0) for each in others]
    assert Turn().mine(held, seen, 10.0) is (held <= min(others))


@given(st.integers(1, 500))
def test_who_gives_no_sign_does_not_count(held: int) -> None:
    assert least([WorkerLoad(0, 0, 0.0)], ABSENT + 0.01) is None
    assert Turn().mine(held, [WorkerLoad(0, 0, 0.0)], ABSENT + 0.01)


@given(st.integers(1, 500))
def test_what_others_leave_waiting_is_taken_after_a_while(held: int) -> None:
    turn = Turn()
    assert not turn.mine(held, [WorkerLoad(0, 7, 1.0)], 1.0)
    assert turn.mine(held, [WorkerLoad(0, 7, 1.1)], 1.0 + PATIENCE + 0.001)
    assert not turn.mine(held, [WorkerLoad(0, 8, 1.2)], 1.0 + 1.5 * PATIENCE)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_letting_go_stops_where_even_and_has_a_bounded_rate(held: int, other: int) -> None:
    evening, gone = Evening(), 0
    for _ in range(100):
        evening.earn(held - gone, [WorkerLoad(other + gone, 0, 0.0)], 0.1)
        while evening.spend():
            gone += 1
    assert gone <= 10 * FASTEST
    assert gone <= max(0, (held - other + 1) // 2)
    assert (gone > 0) is (held >= other + max(2, held // 10))
