"""The guard over months of flights: silent while they are healthy; how soon it sees what breaks midway."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.control.guard.quantities import ORDER
from bentos.control.guard.watched_version import discordances
from bentos.home.struck_evidence import strike
from models.gate.reading import reference_frame
from models.package import read_declaration
from models.table.requests import TableRequest, real_requests
from monitoring.log.struck import StruckWindow
from tests.faults.months import Break, Context, Stage
from tests.faults.shop import Shop

FLIGHTS = Path(__file__).parents[2] / "models" / "ranker.toml"
HOUR = 3600.0


def day(month: int, number: int) -> float:
    return datetime(2013, month, number, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The default ranker; `BALLAST_HOME` spares making its table again."""
    home = Path(os.environ.get("BALLAST_HOME") or tmp_path_factory.mktemp("flights"))
    return Shop(FLIGHTS, home)


def requests(flights: Shop, since: float, until: float) -> list[TableRequest]:
    return list(real_requests(flights.declared, flights.home, since=since, until=until))


@contextmanager
def staged(flights: Shop, folder: Path) -> Iterator[Stage]:
    catalogues = flights.home / "flights" / "catalogue"
    with Stage.of(flights.watched, catalogues, FLIGHTS, folder) as stage:
        yield stage


def frozen(*names: str) -> Break:
    """The first value that is seen, from then on."""
    first: Context = {}

    def change(context: Context) -> Context:
        return context | {name: first.setdefault(name, context[name]) for name in names or context}

    return change


def times(factor: float, *names: str) -> Break:
    def change(context: Context) -> Context:
        return context | {name: context[name] * factor for name in names if context[name] is not None}

    return change


def filled(value: Any, *names: str) -> Break:
    return lambda context: context | dict.fromkeys(names, value)


BROKEN: dict[str, Callable[[], Break]] = {
    "all of the context frozen": frozen,
    "delay_1h frozen": lambda: frozen("delay_1h"),
    "delay_1h zero": lambda: filled(0.0, "delay_1h"),
    "delay_1h in seconds": lambda: times(60.0, "delay_1h"),
    "pressure in pascal": lambda: times(100.0, "pressure"),
    "late_today negative": lambda: times(-1.0, "late_today"),
}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_healthy_months_raise_nothing(flights: Shop, tmp_path: Path) -> None:
    """April to June through a version trained to March."""
    with staged(flights, tmp_path) as stage:
        month = stage.run(requests(flights, day(4, 1), day(7, 1)), viewers=2, share=0.05)
    print(f"{month.answers:,} answers of three months, {len(month.stops)} stops")
    assert month.answers > 5000
    assert month.stops == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", BROKEN)
def test_a_feature_that_breaks_midway(flights: Shop, tmp_path: Path, name: str) -> None:
    """Two weeks, broken from the second on: the feed's fault, says the record, and the version stays."""
    with staged(flights, tmp_path) as stage:
        weeks = requests(flights, day(4, 8), day(4, 22))
        month = stage.run(weeks, viewers=2, share=0.02, broken_from=day(4, 15), how=BROKEN[name]())
    assert month.until is not None, f"{name} was not seen in a week"
    print(f"| {name} | {month.tripped_after} | {month.until / HOUR:.0f} h |")
    assert {stop.kind for stop in month.stops} == {"shared"}
    assert month.until < 72 * HOUR


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_version_that_is_upside_down_for_outcomes_alone(flights: Shop, tmp_path: Path) -> None:
    """What only labels can show: within twice the explored requests that a fixed-size test would take.

    Its scores and features stay as they were, so that outcomes are suspected first. Once a person has
    struck them, the guard counts without them, and finds nothing wrong.
    """
    with staged(flights, tmp_path) as stage:
        stage.run(requests(flights, day(4, 1), day(4, 15)), viewers=4, share=0.1)
        guard = stage.watcher.guard("1")
        before = guard.report()[ORDER]["observations"]
        weeks = requests(flights, day(4, 15), day(5, 6))
        month = stage.run(weeks, 4, 0.1, broken_from=day(4, 15), outcome=lambda value: 4.0 - float(value))
        [trip] = guard.trips
        assert trip.quantity == ORDER
        assert [(stop.kind, stop.subject) for stop in month.stops] == [("outcomes", "outcomes")]
        print(trip.evidence)
        assert abs(trip.since - day(4, 15)) < 3 * 86400
        strike(stage.home, StruckWindow(day(4, 15), day(5, 7), "turned by a test", "ann", 1.0))
        again = stage.run(requests(flights, day(5, 7), day(5, 14)), viewers=4, share=0.1)
        assert again.stops == []
        assert guard.report()[ORDER]["mean"] < guard.report()[ORDER]["limit"]
    lead = np.array(discordances(reference_frame(flights.champion, read_declaration(flights.champion))))
    gap = 1 - lead.mean() - trip.limit  # outcomes turned over turn each request's discordance over
    fixed = (3.090 + 1.645) ** 2 * lead.var() / gap**2  # alpha .001, power .95
    used = trip.observations - before
    print(f"| upside down for outcomes alone | {used} explored requests | a fixed-size test: {fixed:.0f} |")
    assert used <= 2 * fixed
