"""Evidence that goes on after a restart, and guards that are cleared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bentos.control.guard.guards import Guards
from bentos.control.guard.quantities import ALL, APART, SLOW, UNKNOWN, UNSOUND
from bentos.control.guard.watched_version import read_watched
from bentos.home import evidence
from bentos.home.state import Home
from models.declaration.sections import GuardSection
from models.package import MANIFEST
from monitoring.guard.quantity import Quantity
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


def test_what_is_cleared_is_cleared_with_its_family(made: Made, tmp_path: Path) -> None:
    """Another field that was about to trip on the same fault does not trip a moment later."""
    guards = Guards(Home(tmp_path))
    one, other = (Quantity(f"{name} stands still", "answers", 0.05, "rule") for name in ("delay", "wind"))
    guards.watch_shared([one, other], read_watched(made[1], GuardSection()))
    assert guards.look(ALL, {one.name: [1.0] * 50, other.name: [1.0] * 3}, 1.0) != []
    guards.clear({"context stands still"})
    assert guards[ALL].report()[other.name]["observations"] == 3
    guards.clear(set())
    assert guards.trips[ALL] == []
    assert guards[ALL].report()[other.name]["observations"] == 0


def test_one_fault_is_cleared_while_another_stands(made: Made, tmp_path: Path) -> None:
    """What was cleared is watched again at once; what stands is not told a second time."""
    guards = Guards(Home(tmp_path))
    one, other = (Quantity(name, "minutes", 0.05, "rule") for name in (UNKNOWN, "late context"))
    guards.watch_shared([one, other], read_watched(made[1], GuardSection()))
    both = {UNKNOWN: [1.0] * 50, "late context": [1.0] * 50}
    assert len(guards.look(ALL, both, 1.0)) == 2
    guards.clear({UNKNOWN})
    assert [trip.quantity for trip in guards.look(ALL, both, 2.0)] == ["late context"]


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


def test_evidence_is_kept_with_the_package_that_it_is_of(stage: Stage) -> None:
    """What all share with the champion's, whichever was watched first; each version's with its own."""
    guards = Guards(stage.home)
    path = stage.home.version("2") / MANIFEST
    path.chmod(0o644)
    path.write_text(path.read_text() + "\n")
    first, champion = (read_watched(stage.home.version(each), GuardSection()) for each in ("1", "2"))
    assert first.package != champion.package
    guards.watch(first)
    guards.watch(champion)
    guards.watch_shared([Quantity("no scores to be had", "seconds", 0.05, "rule")], champion)
    guards.look(ALL, {"no scores to be had": [0.0] * 7}, 1.0)
    guards.look("1", {SLOW: [0.0] * 5}, 1.0)
    guards.versions.clear()  # as when [guard] was edited
    guards.save(None)
    assert evidence.read(stage.home, ALL, champion.package)["no scores to be had"]["observations"] == 7
    assert evidence.read(stage.home, ALL, first.package) == {}
    assert evidence.read(stage.home, "1", first.package)[SLOW]["observations"] == 5


def test_a_version_that_is_watched_again_begins_anew_only_in_what_changed(guards: Guards, made: Made) -> None:
    """Such as the order against another version; trips and evidence of the rest stay."""
    watched = read_watched(made[1], GuardSection())
    pairs = [Quantity(APART, "minutes", 0.35, "healthy", against=other) for other in ("7", "8")]
    guards.watch(watched.compared(pairs[0]))
    [trip] = guards.look(watched.version, {UNSOUND: [1.0] * 50, APART: [0.5] * 5}, 1.0)
    guards.watch(watched.compared(pairs[0]))
    assert guards[watched.version].report()[APART]["observations"] == 5
    guards.watch(watched.compared(pairs[1]))
    report = guards[watched.version].report()
    assert (report[APART]["observations"], report[UNSOUND]["observations"]) == (0, 50)
    assert guards.trips[watched.version] == [trip]
    guards.save(None)
    fresh = Guards(guards._home)
    fresh.watch(watched.compared(pairs[0]))
    assert fresh[watched.version].report()[APART]["observations"] == 0
