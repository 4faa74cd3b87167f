"""What the timetable alone says about a departure: known by the day before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.crosses import AREAS

CRUISE = 7.5  # miles a minute, about 450 mph
GROUND = 65.0  # minutes of taxiing and turning round at each end: below, nearly every recorded turn left late


def schedule(flights: pd.DataFrame, planes: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Columns from rows with scheduled (datetime), group, day, origin, carrier, dest, tailnum, minute, …"""
    minutes = flights["scheduled"].dt.hour * 60 + flights["scheduled"].dt.minute
    arrival = flights["sched_arr_time"] // 100 * 60 + flights["sched_arr_time"] % 100
    columns = {
        "minute_of_day": minutes,
        "weekday": flights["scheduled"].dt.weekday,
        # Both clocks are local to their airport, so this is block time shifted by the time zones' difference.
        "clock_block": (arrival - minutes) % 1440,
        "hour_carrier": _number(flights, ["group", "carrier"]),
        "hour_dest": _number(flights, ["group", "dest"]),
        "hour_position": flights.groupby("group")["minute"].rank(method="min") - 1,
        "day_departures": _number(flights, ["origin", "day"]),
        "seats": flights["tailnum"].map(planes.set_index("tailnum")["seats"]),
        "area": flights["dest"].map(_areas(airports)).fillna("MIA"),  # the Caribbean is not in the list
        **_legs(flights),
    }
    return pd.DataFrame(columns, index=flights.index)


def _number(flights: pd.DataFrame, keys: list[str]) -> pd.Series:
    return flights.groupby(keys)["minute"].transform("size")


def _areas(airports: pd.DataFrame) -> pd.Series:
    """Airport → the nearest of AREAS; a degree of longitude is about 0.77 of one of latitude at 40° north."""
    places = airports.set_index("faa")
    hubs = places.loc[list(AREAS)]
    north, east = (places[name].to_numpy()[:, None] - hubs[name].to_numpy() for name in ("lat", "lon"))
    return pd.Series(np.array(AREAS)[np.argmin(north**2 + 0.6 * east**2, axis=1)], index=places.index)


def _legs(flights: pd.DataFrame) -> dict[str, pd.Series]:
    """The aircraft's own day as planned: turns before this departure, time since the last, and its slack.

    Which aircraft flies is taken from the record of the flight, as the plan of the evening before is not in
    the data. The record also shows aircraft that were exchanged on the day: those that would have to leave
    before they can be back. Nobody plans that, and such flights are nearly always late, so a turn that is
    shorter than there and back takes is no part of the plan and is left out.
    """
    ordered = flights.sort_values(["scheduled", "item"])
    today = ordered.groupby(["tailnum", "day"])
    gap = today["scheduled"].diff().dt.total_seconds() / 60.0
    slack = gap - 2.0 * (today["distance"].shift() / CRUISE + GROUND)
    planned = slack >= 0
    legs = planned.groupby([ordered["tailnum"], ordered["day"]]).cumsum()
    columns = {"tail_leg": legs, "tail_gap": gap.where(planned), "tail_slack": slack.where(planned)}
    return {name: column.reindex(flights.index) for name, column in columns.items()}
