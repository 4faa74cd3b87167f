"""Outcomes that turn are suspected first, but where others contradict it, or the version shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bentos.control.guard.outcome_fault import DAY, suspicion
from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import ORDER, TAILS, TOO_HIGH
from monitoring.guard.watch import Trip

TURNED = Trip("3", ORDER, "hours", 0.63, 0.47, 200, "turned", 9.0, since=5 * DAY)
CLEAN = Repute("3")


def report(evidence: float = 0.0, since: float | None = None, count: int = 50, name: str = ORDER) -> Any:
    change = None if since is None else {"since": since, "observations": 20, "mean": 0.6}
    clock = "hours" if name == ORDER else "minutes"
    row = {"limit": 0.47, "observations": count, "evidence": evidence, "change": change, "clock": clock}
    return {name: row}


def test_a_turn_of_all_versions_at_once_is_one_of_the_outcomes() -> None:
    """Whatever speaks against one of them."""
    others = {"4": report(0.5, 5.2 * DAY), "5": report(0.31, 4.5 * DAY)}
    said = suspicion(TURNED, others, {}, {}, replace(CLEAN, passed=False))
    assert said == "it came to all versions (3, 4, 5) at once"


@pytest.mark.parametrize("other", [report(), report(0.2, 5 * DAY), report(0.9, 2 * DAY), report(0.9, None)])
def test_what_another_version_contradicts_is_the_versions(other: Any) -> None:
    """It has the same outcomes, and is well, or went wrong at another time."""
    assert suspicion(TURNED, {"4": other}, {}, {}, CLEAN) == ""


@pytest.mark.parametrize("others", [{}, {"4": report(count=9)}, {"4": {ORDER: {"limit": None}}}])
def test_a_sole_clean_version_that_turns_is_trusted_first(others: Any) -> None:
    """Its scores and features stay as they were; others have no word in it yet."""
    said = suspicion(TURNED, others, report(0.4, name=TAILS), report(0.4, name="context"), CLEAN)
    assert said == "version 3 passed the gate and leads; its scores and features stay as they were"


@pytest.mark.parametrize(
    ("trip", "own", "repute"),
    [
        (TURNED, {}, replace(CLEAN, passed=False)),
        (TURNED, {}, replace(CLEAN, leads=False)),
        (TURNED, report(0.6, name=TAILS), CLEAN),
        (replace(TURNED, mean=0.49), {}, CLEAN),  # it has lost its lead, and is not upside down
        (replace(TURNED, quantity=TOO_HIGH, mean=0.6, limit=0.575), {}, CLEAN),
    ],
)
def test_a_sole_version_that_is_to_blame_is_stopped(trip: Trip, own: Any, repute: Repute) -> None:
    """Not clean, its scores elsewhere, or a fault that is no turn."""
    assert suspicion(trip, {}, own, {}, repute) == ""


def test_probabilities_that_are_far_off_at_once_are_suspected() -> None:
    """As where the feed tells zeros only."""
    far = replace(TURNED, quantity=TOO_HIGH, mean=0.7, limit=0.575)
    assert suspicion(far, {}, {}, {}, CLEAN) != ""
    assert suspicion(TURNED, {}, {}, report(0.6, name="delay out of range"), CLEAN) == ""
