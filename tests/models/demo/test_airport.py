"""What an airport has seen: no figure of a moment knows what comes later, and each is what its words say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demo.airport import LATE, LONGEST, Departures

DEPARTURES = st.lists(
    st.tuples(st.integers(0, 900), st.none() | st.integers(-20, 400)), min_size=1, max_size=30
)


@settings(max_examples=60)
@given(DEPARTURES, st.integers(1, 16))
def test_what_leaves_after_a_moment_changes_no_figure_of_it(
    rows: list[tuple[int, int | None]], hour: int
) -> None:
    moments = np.arange(0.0, 1000.0, 60.0)
    place, moment = hour, 60.0 * hour
    scheduled = np.array([float(when) for when, _ in rows])
    departed = np.array([np.nan if delay is None else when + delay for when, delay in rows])
    # Nobody knows yet at the moment whether those will leave an hour later or never.
    unknown = ~(departed <= moment)
    figures = []
    for future in (departed, np.where(unknown, np.nan, departed), np.where(unknown, moment + 60.0, departed)):
        found = Departures(scheduled, future)
        columns = (
            found.recent(moments, 2),
            found.waiting(moments),
            found.so_far(moments, 0, 3),
            found.late_today(moments, np.zeros(len(moments))),
        )
        figures.append([column[place] for column in columns])
    np.testing.assert_array_equal(figures[0], figures[1])
    np.testing.assert_array_equal(figures[0], figures[2])


@settings(max_examples=60)
@given(DEPARTURES, st.integers(1, 16))
def test_the_airports_figures_are_what_their_words_say(rows: list[tuple[int, int | None]], hour: int) -> None:
    moments, now = np.arange(0.0, 1000.0, 60.0), 60.0 * hour
    found = Departures(
        np.array([float(when) for when, _ in rows]),
        np.array([np.nan if delay is None else when + delay for when, delay in rows]),
    )
    left = [delay for when, delay in rows if delay is not None and now - 120 < when + delay <= now]
    due = [(when, delay) for when, delay in rows if now - 180 <= when < now]
    late = [
        min(delay if delay is not None and when + delay <= now else now - when, LONGEST)
        for when, delay in due
    ]
    waits = [
        when for when, delay in rows if now - 360 <= when < now and (delay is None or when + delay > now)
    ]
    assert found.recent(moments, 2)[hour] == pytest.approx(np.mean(left) if left else np.nan, nan_ok=True)
    assert found.so_far(moments, 0, 3)[hour] == pytest.approx(np.mean(late) if late else np.nan, nan_ok=True)
    assert found.waiting(moments)[hour] == len(waits)


def departures(*rows: tuple[float, float | None]) -> Departures:
    """From minutes scheduled and minutes late; None where cancelled."""
    scheduled, late = zip(*rows, strict=True)
    delay = np.array([np.nan if each is None else each for each in late])
    return Departures(np.array(scheduled, dtype=float), np.array(scheduled) + delay)


def test_late_today_counts_what_was_due_a_quarter_of_an_hour_ago() -> None:
    """At 10:00: on time, late, still waiting, cancelled; not yet due; and yesterday's."""
    midnight, ten = 1440.0, 1440.0 + 600.0
    found = departures(
        (ten - 200, LATE - 1),
        (ten - 100, LATE),
        (ten - 60, 90),
        (ten - 60, None),
        (ten - LATE + 1, 40),
        (100, 50),
    )
    assert found.late_today(np.array([ten]), np.array([midnight])).tolist() == [3 / 4]


def test_a_day_that_has_not_begun_has_no_share_of_late_ones() -> None:
    found = departures((100, 0))
    assert np.isnan(found.late_today(np.array([1440.0]), np.array([1440.0]))).all()


def test_an_hour_without_departures_has_no_mean_and_nothing_waiting() -> None:
    found, moments = departures((30, 5)), np.array([0.0, 60.0, 600.0])
    assert found.waiting(moments).tolist() == [0, 0, 0]
    np.testing.assert_array_equal(found.so_far(moments, 0, 3), [np.nan, 5, np.nan])
    np.testing.assert_array_equal(found.recent(moments, 1), [np.nan, 5, np.nan])
