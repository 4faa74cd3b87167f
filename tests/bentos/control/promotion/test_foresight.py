"""What will serve is said before an alias moves or an override is made."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bentos.control.promotion.foresight import of_override, of_promotion, standing
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Home, Served, State, read_state, write_state
from bentos.home.stops import Stop, Stops
from models.gate.verdict import Override, Result
from tests.bentos.home.verdicts import verdict


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Version 2 serves; 3 is here to be judged."""
    made = Home(tmp_path)
    write_state(made.state, State(1, "flights", "s", {CHAMPION: "2"}, previous=(Served("1", 0.0, 1.0),)))
    made.version("3").mkdir(parents=True)
    made.version("1").mkdir(parents=True)
    return made


def ruled(home: Home, result: Result, version: str = "3", champion: str = "2", **parts: object) -> None:
    judged = msgspec.structs.replace(verdict(result, version), champion=champion)
    Rulings.of(home).put(msgspec.structs.replace(Ruling(1.0, judged), **parts))


def test_a_promotion_says_what_will_serve(home: Home) -> None:
    """Not judged yet, passed, overridden by whom, refused, stopped."""

    def said() -> tuple[str, bool]:
        return of_promotion(home, "3", "champion", 5.0)

    open_ = "version 3 will serve as champion instead of version 2 if it passes the gate"
    assert said()[0].startswith(open_)
    ruled(home, Result.PASS)
    assert said() == ("version 3 will serve as champion instead of version 2: passed the gate", False)
    ruled(home, Result.REJECT)
    assert said()[1]
    assert said()[0].startswith("version 3 will not serve: the gate said reject; the alias champion stays")
    ruled(home, Result.REJECT, override=Override("ana", "known", 1.0, 9.0))
    assert "instead of version 2: the gate said reject; overridden by ana until" in said()[0]
    Stops.of(home).put(Stop("version", "3", "slow answers", "slow answers: mean 1", "…", 5.0))
    assert said()[1]
    assert "the guard stopped it: slow answers" in said()[0]


def test_a_ruling_against_another_champion_is_made_again(home: Home) -> None:
    """It says nothing of what will be; one on a version that has served does."""
    ruled(home, Result.REJECT, champion="1")
    ruled(home, Result.PASS, version="1", champion="0")
    state = read_state(home.state)
    assert standing(home, state, "3") is None
    assert standing(home, state, "1") is not None
    assert standing(home, state, "4") is None
    assert not of_promotion(home, "3", "champion", 5.0).refused


def test_an_override_says_whether_it_serves_at_once(home: Home) -> None:
    """Where an alias points at the version already, it does."""
    assert "nothing else serves before `ballast promote 3`" in of_override(home, "3", {"champion": "2"})
    assert of_override(home, "3", {"champion": "3"}) == (
        "version 3 will serve at once as champion instead of version 2: the alias points at it already"
    )
    Stops.of(home).put(Stop("version", "3", "slow answers", "slow answers: mean 1", "…", 5.0))
    assert "stays out all the same" in of_override(home, "3", {"champion": "3"})
