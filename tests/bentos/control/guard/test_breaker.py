"""What is stopped, as the loop, /status and MLflow are told it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bentos.control.guard.breaker import Breaker
from bentos.control.guard.quantities import COLUMNS, UNKNOWN
from bentos.control.next_state import Restrictions
from bentos.decisions.scoring import Embedded
from bentos.home.state import Home, StateError
from bentos.home.stops import Stop, Stops, clear
from models.registry import Registry
from tests.bentos.control.guard.answering import ABSENT, ITEMS, system
from tests.bentos.control.guard.conftest import Made
from tests.faults.months import Stage


def test_a_shared_fault_with_fallback_declared(guarded: Stage) -> None:
    """Candidates that nobody knows: all answers are in the declared order until a person clears it."""

    async def run() -> None:
        one = system(guarded, Embedded())
        [healthy] = await one.ask(1, ITEMS)
        assert healthy["fallback"] is None
        assert not one.state.stopped
        for place in range(30):  # different requests: all who ask for one list tell the same
            await one.ask(1, [*ITEMS[:3], *ABSENT, f"gone-{place}"])
        shared = Stops.of(guarded.home).active("shared")
        assert list(shared) == [UNKNOWN]
        assert shared[UNKNOWN].done == (
            "it is not the version: all answers are in the declared fallback order"
        )
        assert list(one.state.stopped) == ["1"]
        [answer] = await one.ask(1, [*ABSENT[:1], *ITEMS])
        assert answer["fallback"].startswith(
            "stopped by the guard: a fault of all versions: unknown candidates"
        )
        assert answer["items"] == [*one.cheapest_first(ITEMS), ABSENT[0]]
        assert one.record.fallback == answer["fallback"]
        assert list(one.record.propensities) == answer["propensities"] == [1.0] * 9
        clear(guarded.home, UNKNOWN, "ann", "the catalogue is whole again")
        one.look()
        assert not one.state.stopped
        [again] = await one.ask(1, ITEMS)
        assert (again["items"], again["scores"]) == (healthy["items"], healthy["scores"])

    asyncio.run(run())


@pytest.fixture
def breaker(made: Made, tmp_path: Path) -> Breaker:
    declaration = tmp_path / "ranker.toml"
    declaration.write_text((made[0].folder / "ranker.toml").read_text())
    found = Breaker(Home(tmp_path / "small"), declaration)
    found.look()
    return found


def put(breaker: Breaker, kind: str, subject: str, evidence: str = "mean 1") -> Stop:
    stop = Stop(kind, subject, "unsound scores", evidence, "version 2 serves", 100.0)  # type: ignore[arg-type]
    breaker.stops.put(stop)
    breaker.look()
    return stop


def declare(breaker: Breaker, section: str) -> None:
    path = breaker._declaration
    path.write_text(f"{path.read_text().partition('[guard]')[0]}{section}\n")
    breaker.look()


def test_stops_are_taken_up_when_they_are_written_and_cleared(breaker: Breaker) -> None:
    assert breaker.active("version") == {}
    stop = put(breaker, "version", "3")
    put(breaker, "snapshot", "abc")
    assert breaker.active("version") == {"3": stop}
    assert list(breaker.active("snapshot")) == ["abc"]
    assert set(breaker.report()) == {"3", "abc"}
    assert breaker.cleared("version") == set()
    clear(Home(breaker.stops.folder.parents[1]), "3", "ann", "mended")
    breaker.look()
    assert (breaker.active("version"), breaker.cleared("version")) == ({}, {"3"})
    assert list(breaker.report()) == ["abc"]


def test_a_shared_fault_restricts_the_versions_only_where_guard_says_so(breaker: Breaker) -> None:
    """With `fallback` all that would serve; one that is stopped for its own fault keeps its own reason."""
    put(breaker, "version", "3", "mean 1 of 3")
    put(breaker, "shared", "context stands still", "delay: mean 1")
    assert breaker.restrictions({"2", "3"}, "") == Restrictions(
        {"3": "unsound scores: mean 1 of 3"}, "", "as given"
    )
    declare(breaker, '[guard]\nwhen_shared = "fallback"\nfallback = "-price"')
    assert breaker.restrictions({"2", "3"}, "digest") == Restrictions(
        {"2": "a fault of all versions: delay: mean 1", "3": "unsound scores: mean 1 of 3"},
        "digest",
        "-price",
    )


def test_a_guard_that_cannot_be_read_stays_as_it_was_and_is_told(breaker: Breaker) -> None:
    declare(breaker, "[guard]\nslow = 0.7")
    declare(breaker, "[guard]\nslow = -1")
    assert breaker.section.slow == 0.7
    [problem] = breaker.problems()
    assert problem.startswith("guard: ")
    assert "guard.slow: -1" in problem
    declare(breaker, "[guard]\nslow = 0.5")
    assert (breaker.section.slow, breaker.problems()) == (0.5, [])


def test_problems_say_what_is_stopped_and_what_was_done(breaker: Breaker) -> None:
    put(breaker, "version", "3")
    assert breaker.problems() == ["guard: 3: unsound scores: mean 1; version 2 serves"]


def test_a_refused_snapshot_is_put_on_record_once(breaker: Breaker) -> None:
    assert not breaker.refuse(None, "old", 1.0)
    assert breaker.refuse(("new", "price is constant"), "old", 1.0)
    breaker.look()
    assert not breaker.refuse(("new", "price is constant"), "old", 2.0)
    stop = breaker.active("snapshot")["new"]
    assert (stop.quantity, stop.done, stop.time) == (COLUMNS, "snapshot old keeps serving", 1.0)
    assert stop.why == "catalogue columns: price is constant"


def test_a_file_that_is_no_stop_is_named(breaker: Breaker) -> None:
    put(breaker, "version", "3")
    (breaker.stops.folder / "4.json").write_text("{}")
    with pytest.raises(StateError, match=r"4\.json: is no stop of the guard"):
        breaker.look()


def test_mlflow_is_told_later_where_it_is_away(breaker: Breaker, caplog: pytest.LogCaptureFixture) -> None:
    """Each tick tries again; snapshots and shared faults are none of its business."""
    put(breaker, "version", "3")
    put(breaker, "shared", "context stands still")
    registry = Registry("http://127.0.0.1:9", timeout=1)
    for _ in range(2):
        with ThreadPoolExecutor(1) as pool:
            breaker.tell(registry, "small", pool)
    said = [record.getMessage() for record in caplog.records if "was not told" in record.getMessage()]
    assert len(said) == 2
    assert said[0].startswith("MLflow was not told that version 3 is stopped: ")
    assert not breaker.stops.active("version")["3"].told
