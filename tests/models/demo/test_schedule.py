"""The timetable's columns, on a day small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.demo.crosses import AREAS
from models.demo.schedule import CRUISE, GROUND, schedule

PLANES = pd.DataFrame({"tailnum": ["N1", "N2"], "seats": [150, 70]})
# The hubs lie a degree apart on one line; XXX is beside the third of them, and YYY beyond the last.
AIRPORTS = pd.DataFrame(
    {
        "faa": [*AREAS, "XXX", "YYY"],
        "lat": [40.0] * (len(AREAS) + 2),
        "lon": [*map(float, range(len(AREAS))), 2.2, 99.0],
    }
)


def flights(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    """From times ("10:05"), carriers, destinations, aircraft and distances, all of one airport and day."""
    frame = pd.DataFrame(rows, columns=["at", "carrier", "dest", "tailnum", "distance"])
    scheduled = pd.to_datetime("2013-03-04 " + frame["at"])
    return frame.assign(
        scheduled=scheduled,
        minute=scheduled.dt.minute,
        day=scheduled.dt.normalize(),
        origin="EWR",
        group=scheduled.dt.strftime("%H") + "/EWR",
        item=[f"f{row}" for row in range(len(frame))],
        sched_arr_time=1230,
    )


def test_the_hours_departures_are_counted_and_placed() -> None:
    found = schedule(
        flights(
            ("10:05", "UA", "ORD", "N1", 700.0),
            ("10:30", "UA", "MIA", "N2", 1000.0),
            ("10:30", "DL", "ORD", "N3", 700.0),
            ("11:00", "UA", "ORD", "N4", 700.0),
        ),
        PLANES,
        AIRPORTS,
    )
    assert found["minute_of_day"].tolist() == [605, 630, 630, 660]
    assert found["weekday"].tolist() == [0] * 4  # a Monday
    assert found["hour_carrier"].tolist() == [2, 2, 1, 1]
    assert found["hour_dest"].tolist() == [2, 1, 2, 1]
    assert found["hour_position"].tolist() == [0, 1, 1, 0]
    assert found["day_departures"].tolist() == [4] * 4
    assert found["clock_block"].tolist() == [145, 120, 120, 90]
    np.testing.assert_array_equal(found["seats"], [150, 70, np.nan, np.nan])


def test_an_arrival_after_midnight_is_of_the_same_flight() -> None:
    late = flights(("23:30", "UA", "ORD", "N1", 700.0)).assign(sched_arr_time=45)
    assert schedule(late, PLANES, AIRPORTS)["clock_block"].tolist() == [75]


@pytest.mark.parametrize(
    ("dest", "area"), [("ORD", "ORD"), ("XXX", AREAS[2]), ("YYY", AREAS[-1]), ("SJU", "MIA")]
)
def test_a_destination_belongs_to_the_nearest_area(dest: str, area: str) -> None:
    """What is not in the list of airports lies in the Caribbean."""
    assert schedule(flights(("10:05", "UA", dest, "N1", 1.0)), PLANES, AIRPORTS)["area"].tolist() == [area]


def test_an_aircrafts_legs_are_those_that_it_can_fly() -> None:
    """There and back takes 2 x (distance / 7.5 + 65) minutes: a turn that is shorter was never planned."""
    needed = 2 * (150.0 / CRUISE + GROUND)
    assert needed == 170
    found = schedule(
        flights(
            ("06:00", "UA", "ORD", "N1", 150.0),
            ("08:50", "UA", "ORD", "N1", 150.0),  # 170 minutes later: just
            ("11:39", "UA", "ORD", "N1", 150.0),  # 169: not
            ("14:40", "UA", "ORD", "N1", 150.0),  # 181
            ("14:40", "UA", "ORD", "N2", 150.0),
        ),
        PLANES,
        AIRPORTS,
    )
    assert found["tail_leg"].tolist() == [0, 1, 1, 2, 0]
    np.testing.assert_array_equal(found["tail_gap"], [np.nan, 170, np.nan, 181, np.nan])
    np.testing.assert_array_equal(found["tail_slack"], [np.nan, 0, np.nan, 11, np.nan])


def test_rows_keep_their_place_whatever_their_order() -> None:
    frame = flights(("11:00", "UA", "ORD", "N1", 150.0), ("06:00", "UA", "ORD", "N1", 150.0))
    assert schedule(frame, PLANES, AIRPORTS)["tail_leg"].tolist() == [1, 0]
