"""Whether a version may serve is answered at once from rulings on disk; examining goes on beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from bentos.control.promotion.eligibility import MAY_SERVE, UNDER_EXAMINATION, refused
from bentos.control.promotion.examinations import RETRY, Examinations
from bentos.control.promotion.examiner import Examiner
from bentos.home.journal import Journal
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home
from models.gate.verdict import Override, Result
from models.registry import Registry
from tests.bentos.home.clock import Clock
from tests.bentos.home.verdicts import verdict

DOWN = "http://127.0.0.1:1"  # no MLflow answers here


@dataclass
class Stand:
    """Examinations without a registry: what is on disk is known, what is not can't be had."""

    home: Home
    clock: Clock
    examinations: Examinations

    def ruled(self, version: str, result: Result, champion: str | None = None) -> Ruling:
        """As after an examination: the package is here, and the ruling."""
        self.home.version(version).mkdir(parents=True, exist_ok=True)
        judged = msgspec.structs.replace(verdict(result, version), champion=champion)
        ruling = Ruling(1.0, judged, told=True)
        Rulings.of(self.home).put(ruling)
        return ruling

    def wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not until():
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    home, clock = Home(tmp_path), Clock()
    registry = Registry(DOWN)
    examiner = Examiner(home, "flights", tmp_path / "ranker.toml", registry, Journal(home, clock), clock)
    with ThreadPoolExecutor(1) as pool:
        yield Stand(home, clock, Examinations(examiner, pool, clock))


def test_a_ruling_is_the_answer(stand: Stand) -> None:
    """What passed may serve, what did not is refused with every reason, in one line."""
    stand.ruled("3", Result.PASS)
    stand.ruled("4", Result.HOLD)
    eligibility = stand.examinations.eligibility
    assert eligibility("3", None, frozenset()) == MAY_SERVE
    assert eligibility("4", None, frozenset()) == refused("hold: sign: wind_speed goes down")
    assert stand.examinations.examining == ()


def test_a_ruling_against_another_champion_is_made_again_unless_it_has_served(stand: Stand) -> None:
    """Going back must not wait for a comparison."""
    stand.ruled("3", Result.PASS, champion="1")
    assert stand.examinations.eligibility("3", "1", frozenset()) == MAY_SERVE
    assert stand.examinations.eligibility("3", "2", frozenset({"3"})) == MAY_SERVE
    assert stand.examinations.eligibility("3", "2", frozenset()) == UNDER_EXAMINATION


def test_a_ruling_whose_evidence_was_struck_is_made_again(stand: Stand) -> None:
    """Also on a version that has served: it was kept out by what is no evidence any more."""
    ruling = stand.ruled("4", Result.REJECT)
    assert stand.examinations.eligibility("4", None, frozenset({"4"})).refusal is not None
    Rulings.of(stand.home).put(msgspec.structs.replace(ruling, anew=True))
    assert stand.examinations.eligibility("4", None, frozenset({"4"})) == UNDER_EXAMINATION


def test_what_cannot_be_had_is_refused_and_tried_again_later(stand: Stand) -> None:
    """First it is under examination, then refused with what the registry said, then asked for again."""
    eligibility = stand.examinations.eligibility
    assert eligibility("7", None, frozenset()) == UNDER_EXAMINATION
    stand.wait(lambda: stand.examinations.examining == ())
    refusal = eligibility("7", None, frozenset()).refusal
    assert refusal is not None
    assert refusal.startswith("it can't be had: ")
    assert "does not answer" in refusal
    assert stand.examinations.examining == ()
    stand.clock.now += RETRY
    assert eligibility("7", None, frozenset()).refusal == refusal
    stand.wait(lambda: stand.examinations.examining == ())
    assert not (stand.home.log / "steward.jsonl").exists()


def test_an_override_that_has_ended_is_told(stand: Stand) -> None:
    """Only those that served by it: what passed needs none, what has none is another matter."""
    stand.ruled("3", Result.PASS)
    stand.ruled("4", Result.HOLD)
    held = stand.ruled("5", Result.HOLD)
    Rulings.of(stand.home).put(msgspec.structs.replace(held, override=Override("ana", "known", 1.0, 200.0)))
    versions = {"3", "4", "5", "6"}
    assert stand.examinations.expired(versions) == set()
    found = stand.examinations.eligibility("5", None, frozenset())
    assert (found.may_serve, found.passed) == (True, False)
    assert found.ground == "the gate said hold; overridden by ana until 1970-01-01T00:03+00:00: known"
    stand.clock.now = 200.0
    assert stand.examinations.expired(versions) == {"5"}
    why = "overridden by ana until 1970-01-01T00:03+00:00: known, has ended; hold: sign: wind_speed goes down"
    assert stand.examinations.refusals({"5"}) == {"5": why}


def test_overrides_are_reported_of_whatever_version(stand: Stand) -> None:
    """Also where no alias names it; what has neither override nor alias is left out."""
    held = stand.ruled("5", Result.HOLD)
    stand.ruled("6", Result.HOLD)
    assert stand.examinations.rulings(set()) == {}
    Rulings.of(stand.home).put(msgspec.structs.replace(held, override=Override("ana", "known", 1.0, 200.0)))
    [(version, report)] = stand.examinations.rulings(set()).items()
    assert (version, report.override and report.override.by) == ("5", "ana")


def test_rulings_are_reported_by_version(stand: Stand) -> None:
    """Those asked for that there are; an override only while it is in force."""
    stand.ruled("4", Result.HOLD)
    stand.ruled("3", Result.PASS, champion="1")
    found = stand.examinations.rulings({"4", "3", "9"})
    assert list(found) == ["3", "4"]
    assert (found["3"].outcome, found["3"].against) == ("pass", "1")
    assert [each.name for each in found["4"].failed] == ["sign"]


def test_versions_that_nobody_promotes_are_judged_one_at_a_time(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest one is, but not while another is: what is promoted then waits for one judgement at most."""
    begun, go = list[str](), threading.Event()

    def examine(_: Examiner, version: str) -> None:
        begun.append(version)
        assert go.wait(30)

    newest = ["5"]
    monkeypatch.setattr(Examiner, "examine", examine)
    monkeypatch.setattr(Registry, "versions", lambda *_: [SimpleNamespace(number=newest[0])])
    for number in ("5", "6", "7"):
        newest[0] = number
        stand.examinations.ahead("flights", "4")
    assert stand.examinations.examining == ("5",)
    stand.examinations.eligibility("2", None, frozenset())
    go.set()
    stand.wait(lambda: stand.examinations.examining == ())
    assert begun == ["5", "2"]
    stand.examinations.ahead("flights", "4")
    stand.wait(lambda: begun == ["5", "2", "7"])
