"""How many answers a fault of all versions may have put into another order: counted, written, read again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bentos.control.guard.affected import Affected
from bentos.home.state import Home
from bentos.home.stops import Stop, Stops, clear
from tests.bentos.control.guard.examples import decision, head

SINCE = 2000.0


def fault(since: float = SINCE) -> Stop:
    return Stop("shared", "context is missing", "rain is missing", "why", "it serves on", 9.0, since=since)


def look(affected: Affected, time: float, count: int, **changes: object) -> None:
    affected.take([head(decision(n, time=time, **changes)) for n in range(count)])


def test_answers_since_a_fault_began_are_counted(tmp_path: Path) -> None:
    """Those before it are not, nor drawn orders, nor the fallback's; those that follow are added."""
    home = Home(tmp_path)
    stops, affected = Stops.of(home), Affected()
    look(affected, 1000.0, 5)
    look(affected, SINCE, 7)
    look(affected, 3000.0, 2, explored=True)
    look(affected, 3000.0, 2, fallback="scoring failed: x")
    stops.put(fault())
    affected.write(stops)
    [stop] = stops.all()
    assert stop.answers == 7
    assert stop.affects == "up to 7 answers since 1970-01-01 00:33 UTC may be in another order"
    assert stop.report().affects == stop.affects
    look(affected, 4000.0, 3)
    affected.write(stops)
    assert stops.all()[0].answers == 10
    again = Affected()
    look(again, 5000.0, 4)
    again.write(stops)
    look(again, 6000.0, 1)
    again.write(stops)
    assert stops.all()[0].answers == 15, "what was counted before a restart is kept"


def test_what_is_cleared_or_of_no_known_beginning_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stops, affected = Stops.of(home), Affected()
    look(affected, SINCE, 7)
    stops.put(fault(since=0.0))
    affected.write(stops)
    [stop] = stops.all()
    assert (stop.answers, stop.affects) == (0, "")
    stops.put(fault())
    clear(home, "context is missing", "ann", "mended")
    before = stops.all()
    affected.write(stops)
    assert stops.all() == before


def test_a_stop_of_an_earlier_release_has_no_beginning() -> None:
    old = {
        name: value
        for name, value in msgspec.to_builtins(fault()).items()
        if name not in ("since", "answers")
    }
    assert msgspec.convert(old, Stop).affects == ""
