"""What waited before a restart comes from the log: whose, since when, and with which outcomes."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from bentos.control.guard import recall
from bentos.control.guard.outcomes import PendingDecision
from bentos.control.guard.recall import AGAIN, Recall, pending
from bentos.home.state import Home
from monitoring.log.known_outcomes import Wanted, read_decisions
from monitoring.log.record import Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window
from tests.bentos.control.guard.examples import decision


def write(home: Home, decisions: list[Decision], outcomes: list[Outcome] = []) -> None:  # noqa: B006
    log = SegmentWriter(home.log / "decisions", "ranker")
    for each in decisions:
        log.append(encode(each))
    log.close()
    if outcomes:
        log = SegmentWriter(home.log / "outcomes", "ranker")
        log.append(encode_outcomes(outcomes))
        log.close()


def told(number: int, item: str | int, value: float, at: float) -> Outcome:
    return Outcome(request_id=f"r{number}", item=item, value=value, time=at, received=at)


def test_a_decision_comes_with_its_latest_outcomes(tmp_path: Path) -> None:
    """Items without a score are not waited for."""
    home = Home(tmp_path)
    outcomes = [told(0, "c", 0.0, 1001.0), told(0, "c", 2.0, 1003.0), told(0, "b", 1.0, 1002.0)]
    write(home, [decision(0, explored=True), decision(1, explored=True)], outcomes)
    assert pending(home, "small", "3", None) == {
        "r0": PendingDecision("3", 1000.0, {"c": 0.9, "a": 0.5}, {"c": (1003.0, 2.0)}),
        "r1": PendingDecision("3", 1001.0, {"c": 0.9, "a": 0.5}, {}),
    }


def test_whole_numbers_stay_numbers(tmp_path: Path) -> None:
    """As ids of items, which an outcome is matched by."""
    home = Home(tmp_path)
    write(home, [decision(0, explored=True, candidates=[7, 8, 9])], [told(0, 9, 2.0, 1003.0)])
    assert pending(home, "small", "3", None)["r0"].values == {9: (1003.0, 2.0)}


def test_only_what_the_version_explored_itself_since_then(tmp_path: Path) -> None:
    """What was made at that moment has counted already."""
    home = Home(tmp_path)
    write(
        home,
        [
            decision(0, explored=True),
            decision(1, explored=True),
            decision(2, explored=True),
            decision(3),
            decision(4, explored=True, fallback="scoring failed: x"),
            decision(5, explored=True, model="small/4"),
            decision(6, explored=True, model="other/3"),
        ],
    )
    assert list(pending(home, "small", "3", 1001.0)) == ["r2"]
    assert sorted(pending(home, "small", "3", None)) == ["r0", "r1", "r2"]


def test_the_latest_are_kept_where_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "MOST", 2)
    home = Home(tmp_path)
    write(home, [decision(number, explored=True) for number in range(5)])
    assert sorted(pending(home, "small", "3", None)) == ["r3", "r4"]


def test_a_home_without_a_log_has_nothing_to_recall(tmp_path: Path) -> None:
    assert pending(Home(tmp_path), "small", "3", None) == {}


def test_missing_values_are_nobodys_outcomes(tmp_path: Path) -> None:
    """As the locked pandas gives them: of two that wait one has outcomes, one no scores."""
    home = Home(tmp_path)
    answers = [decision(0, explored=True), decision(1, explored=True, scores=[None, None, None])]
    write(home, [*answers, decision(2, explored=True)], [told(2, "a", 1.0, 1003.0)])
    wanted = Wanted(explored=True, whole=True)
    with window(home.log) as log:
        frame = read_decisions(log, wanted)
    assert frame["known_items"].isna().tolist() == [True, True, False]
    found = pending(home, "small", "3", None)
    assert {name: (each.scores, each.values) for name, each in found.items()} == {
        "r0": ({"c": 0.9, "a": 0.5}, {}),
        "r1": ({}, {}),
        "r2": ({"c": 0.9, "a": 0.5}, {"a": (1003.0, 1.0)}),
    }


def test_it_is_read_in_the_background_and_given_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write(home, [decision(0, explored=True)])
    found = Recall(home, "small")
    assert not found.under_way
    found.begin("3", None)
    assert [list(each) for each in finished(found)] == [["r0"]]
    assert not found.under_way
    assert list(found.done()) == []


def test_a_log_that_cannot_be_read_is_said_until_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is newer than this code; the guard goes on without what waited, and tries again."""
    home, now = Home(tmp_path), 0.0
    log = SegmentWriter(home.log / "decisions", "ranker")
    log.append(encode(decision(0, explored=True)).replace(b'"v":1', b'"v":99'))
    log.close()
    found = Recall(home, "small", lambda: now)
    with caplog.at_level(logging.ERROR):
        found.begin("3", None)
        assert finished(found) == []
        now = AGAIN
        assert list(found.done()) == []
        assert finished(found) == []
    assert [record.getMessage() for record in caplog.records] == ["what waits for outcomes is not recalled"]
    [why] = found.failing
    assert why.startswith("version 3: explored answers from before the start are not recalled: ")
    for segment in (home.log / "decisions").iterdir():
        segment.unlink()
    write(home, [decision(1, explored=True)])
    assert list(found.done()) == [], "not before its time"
    now = 2 * AGAIN
    list(found.done())
    assert [list(each) for each in finished(found)] == [["r1"]]
    assert found.failing == []


def finished(found: Recall) -> list[dict[str, PendingDecision]]:
    deadline = time.monotonic() + 60
    got: list[dict[str, PendingDecision]] = []
    while found.under_way:
        assert time.monotonic() < deadline
        got += found.done()
        time.sleep(0.01)
    return got
