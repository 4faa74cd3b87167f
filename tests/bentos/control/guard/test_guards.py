"""Evidence that goes on after a restart, and guards that are cleared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bentos.control.guard.guards import Guards
from bentos.control.guard.quantities import SLOW, UNSOUND
from bentos.control.guard.stopper import ALL
from bentos.control.guard.watched_version import read_watched
from bentos.home import evidence
from bentos.home.state import Home
from models.declaration.sections import GuardSection
from monitoring.guard.guard import Quantity
from tests.bentos.control.guard.conftest import Made
from tests.bentos.control.guard.staged import answer, look
from tests.faults.months import Stage


def test_evidence_outlives_the_watcher(stage: Stage) -> None:
    """A Steward that starts again goes on from where the last one was."""
    stage.now += 10
    look(stage, [answer(stage, number) for number in range(30)])
    stage.now += 10
    stage.watcher.look()
    fresh = stage.control.watcher()
    fresh.look()
    assert fresh.guard("1").report()[SLOW]["observations"] == 30


@pytest.fixture
def guards(made: Made, tmp_path: Path) -> Guards:
    """Over one version, and over what all share."""
    found = Guards(Home(tmp_path))
    begin(found, made)
    return found


def begin(guards: Guards, made: Made) -> None:
    watched = read_watched(made[1], GuardSection())
    guards.watch(watched)
    guards.watch_shared([Quantity("no scores to be had", "seconds", 0.05, "rule")], watched)


def test_what_is_not_watched_is_left_alone(guards: Guards, made: Made) -> None:
    """A version that no longer serves, a quantity that it doesn't have, and no observations at all."""
    version = made[1].name
    assert guards.look("9", {UNSOUND: [1.0] * 50}, 1.0) == []
    assert guards.look(version, {"delay stands still": [1.0] * 50, UNSOUND: []}, 1.0) == []
    assert guards[version].report()[UNSOUND]["observations"] == 0
    with pytest.raises(KeyError):
        guards["9"]


def test_trips_are_kept_until_a_person_clears_them(guards: Guards, made: Made) -> None:
    """By the version, or by the quantity where all versions share it."""
    version = made[1].name
    [trip] = guards.look(version, {UNSOUND: [1.0] * 50}, 1.0)
    assert guards.trips == {version: [trip], ALL: []}
    for stopped in ({version}, {UNSOUND}):
        guards.clear(stopped)
        assert guards.trips[version] == [trip]
    guards.clear({"9"})
    assert guards.trips[version] == []
    assert guards.look(version, {UNSOUND: [1.0] * 50}, 2.0) != []


def test_saved_evidence_goes_on_but_that_of_what_tripped(guards: Guards, made: Made) -> None:
    """Once it is cleared it begins anew, whichever process watches then."""
    version = made[1].name
    guards.look(version, {UNSOUND: [1.0] * 50, SLOW: np.zeros(30).tolist()}, 1.0)
    guards.look(ALL, {"no scores to be had": [0.0] * 7}, 1.0)
    guards.save(1234.5)
    home = guards._home
    package = guards.versions[version].package
    assert evidence.counted(home, version, package) == (True, 1234.5)
    assert UNSOUND not in evidence.read(home, version, package)
    fresh = Guards(home)
    begin(fresh, made)
    report = fresh[version].report()
    assert (report[SLOW]["observations"], report[UNSOUND]["observations"]) == (30, 0)
    assert fresh[ALL].report()["no scores to be had"]["observations"] == 7


def test_guards_without_a_version_are_not_saved(guards: Guards) -> None:
    """Nothing says whose package the evidence is of."""
    guards.versions.clear()
    guards.save(None)
    assert evidence.read_all(guards._home) == {}
