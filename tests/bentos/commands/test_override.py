"""`ballast override`: by name, for a reason, until a time."""

from __future__ import annotations

import getpass
import time

from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home
from models.gate.verdict import Result
from tests.bentos.commands.running import mistake, run, told
from tests.bentos.home.verdicts import verdict


def test_a_held_version_may_serve_for_a_while(empty: Home) -> None:
    Rulings.of(empty).put(Ruling(1.0, verdict(Result.HOLD)))
    done = run("override", "3", "--why", "a person looked", "--hours", "2")
    assert done.exit_code == 0, done.output
    assert f"in the name of {getpass.getuser()}: a person looked" in " ".join(done.stdout.split())
    ruling = Rulings.of(empty).get("3")
    assert ruling is not None
    assert ruling.serves(time.time())
    assert not ruling.serves(time.time() + 7300)
    assert "has ended" in run("override", "3", "--withdraw").stdout
    after = Rulings.of(empty).get("3")
    assert after is not None
    assert not after.serves(time.time())


def test_a_version_that_was_never_judged_cannot_be_overridden(empty: Home) -> None:
    assert "version 9 has not been judged" in str(mistake("override", "9", "--reason", "r"))


def test_a_reason_is_needed_and_a_month_is_the_longest(empty: Home) -> None:
    assert "--why: an override needs a reason" in told(run("override", "3"))
    assert run("override", "3", "--reason", "r", "--hours", "1000").exit_code == 2
