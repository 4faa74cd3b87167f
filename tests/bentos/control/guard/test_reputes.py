"""What is known for and against a version: rulings, references and evidence, as they are on disk."""

from __future__ import annotations

import shutil

import pytest

from bentos.control.guard import reputes
from bentos.control.guard.guards import Guards
from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import ORDER
from bentos.control.guard.reputes import Reputes
from bentos.control.guard.watched_version import read_watched
from bentos.home.rulings import Ruling, Rulings
from models.declaration.sections import GuardSection
from models.gate.verdict import Check, Result, Verdict
from tests.faults.months import Stage


def test_a_version_that_passed_and_leads_is_clean(stage: Stage) -> None:
    guards = Guards(stage.home)
    assert Reputes(stage.home, guards).of("1") == Repute("1")


def test_a_version_that_did_not_pass_is_not(stage: Stage) -> None:
    """Whoever has overridden the gate."""
    held = Verdict("small", "2", (Check("files", Result.HOLD, "not all there"),), 1.0, 0.1)
    Rulings.of(stage.home).put(Ruling(1.0, held))
    found = Reputes(stage.home, Guards(stage.home)).of("2")
    assert (found.passed, found.clean) == (False, False)


def test_outcomes_speak_as_far_as_they_have(stage: Stage) -> None:
    guards = Guards(stage.home)
    guards.watch(read_watched(stage.home.version("1"), GuardSection()))
    found = Reputes(stage.home, guards)
    assert found.of("1").doubt == 0.0
    for number in range(8):
        guards.look("1", {ORDER: [1.0]}, float(number))
    assert 0 < found.of("1").doubt < 1


def test_a_reference_without_a_lead_is_read_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a version that is not watched; one that is gone has nothing against it."""
    monkeypatch.setattr(reputes, "shows_lead", lambda _: False)
    found = Reputes(stage.home, Guards(stage.home))
    assert not found.of("2").leads
    monkeypatch.undo()
    assert not found.of("2").leads
    shutil.rmtree(stage.home.version("1"))
    assert found.of("1").leads
