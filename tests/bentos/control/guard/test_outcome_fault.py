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


def report(
    lately: tuple[int, float] = (0, 0.0), evidence: float = 0.0, since: float | None = None, name: str = ORDER
) -> Any:
    change = None if since is None else {"since": since, "observations": 20, "mean": 0.6}
    clock = "hours" if name == ORDER else "minutes"
    row = {"limit": 0.47, "observations": 50, "evidence": evidence, "change": change, "clock": clock}
    return {name: row | {"lately": lately}}


def test_a_turn_of_all_versions_at_once_is_one_of_the_outcomes() -> None:
    """Whatever speaks against one of them; a challenger of few answers needs no evidence of its own."""
    others = {"4": report((40, 0.61), 0.5, 5.2 * DAY), "5": report((10, 0.58), 0.1, 4.5 * DAY)}
    said = suspicion(TURNED, others, {}, {}, replace(CLEAN, passed=False))
    assert said == "it came to all versions (3, 4, 5) at once"


@pytest.mark.parametrize(
    "other", [report((50, 0.37)), report((10, 0.49), 0.2, 5 * DAY), report((50, 0.63), 0.9, 2 * DAY)]
)
def test_what_another_version_contradicts_is_the_versions(other: Any) -> None:
    """It has the same outcomes, and is well, or went wrong at another time."""
    assert suspicion(TURNED, {"4": other}, {}, {}, CLEAN) == ""


@pytest.mark.parametrize("others", [{}, {"4": report((9, 0.37))}, {"4": {ORDER: {"limit": None}}}])
def test_a_sole_clean_version_that_turns_is_trusted_first(others: Any) -> None:
    """Its scores and features stay as they were; others have no word in it yet."""
    said = suspicion(
        TURNED, others, report(evidence=0.4, name=TAILS), report(evidence=0.4, name="context"), CLEAN
    )
    assert said == "version 3 passed the gate and leads; its scores and features stay as they were"


@pytest.mark.parametrize(
    ("trip", "own", "repute"),
    [
        (TURNED, {}, replace(CLEAN, passed=False)),
        (TURNED, {}, replace(CLEAN, leads=False)),
        (TURNED, report(evidence=0.6, name=TAILS), CLEAN),
        (replace(TURNED, mean=0.49), {}, CLEAN),  # it has lost its lead, and is not upside down
        (replace(TURNED, quantity=TOO_HIGH, mean=0.6, limit=0.575), {}, CLEAN),
    ],
)
def test_a_sole_version_that_is_to_blame_is_stopped(trip: Trip, own: Any, repute: Repute) -> None:
    """Not clean, its scores elsewhere, or a fault that is no turn."""
    assert suspicion(trip, {}, own, {}, repute) == ""


def test_of_probabilities_others_must_be_as_far_off() -> None:
    far = replace(TURNED, quantity=TOO_HIGH, mean=0.7, limit=0.575)
    rows = [{TOO_HIGH: {"limit": 0.575, "evidence": 0.1, "lately": (20, mean)}} for mean in (0.62, 0.7)]
    assert [suspicion(far, {"4": row}, {}, {}, CLEAN) != "" for row in rows] == [False, True]


def test_probabilities_that_are_far_off_at_once_are_suspected() -> None:
    """As where the feed tells zeros only."""
    far = replace(TURNED, quantity=TOO_HIGH, mean=0.7, limit=0.575)
    assert suspicion(far, {}, {}, {}, CLEAN) != ""
    assert suspicion(TURNED, {}, {}, report(evidence=0.6, name="delay out of range"), CLEAN) == ""
