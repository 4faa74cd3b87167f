"""What a worker serves: loaded whole or not at all, taken over where nothing changed, stopped at once."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from bentos.home.corrections import CorrectionUnreadable, FittedCorrection, keep
from bentos.home.live_files import LiveFileError
from bentos.home.state import CHALLENGER, CHAMPION, Home
from bentos.worker.serving import ServingError, Unloadable, load, without_catalogue, without_stopped
from experiments.config.live import Live
from models.catalogue.catalogue import CatalogueError, write_catalogue
from models.engine import EngineError
from models.features import parse_context
from models.package import CERTIFICATE
from monitoring.calibration.correction import Additive
from monitoring.calibration.judgement import Between, Judged
from tests.bentos.worker.states import put_live, state_of

ROWS = np.arange(8)


def corrected(home: Home, odds: float) -> str:
    """A correction of version 1 on disk; its digest."""
    nothing = Between(0.0, -1.0, 1.0)
    judged = Judged(10, 5, nothing, nothing, nothing, 0.0)
    fitted = FittedCorrection("1", Additive(odds), 1.0, 2.0, 10, 5, judged, None, 3.0)
    return keep(home, fitted)


def test_what_the_state_names_is_loaded(two_versions: Home) -> None:
    """By the references of live.yaml; one number is loaded once, whatever it is called."""
    state = state_of(two_versions, versions={CHAMPION: "1", CHALLENGER: "2", "1": "1"})
    serving = load(two_versions, state, None)
    assert serving.state is state
    assert {name: each.name for name, each in serving.versions.items()} == {
        CHAMPION: "small/1",
        CHALLENGER: "small/2",
        "1": "small/1",
    }
    assert serving.champion is serving.versions["1"]
    assert serving.context_names == {"hour"}
    assert serving.catalogue.snapshot == state.snapshot
    assert {each.catalogue for each in serving.versions.values()} == {serving.catalogue}
    assert serving.catalogues() == [serving.catalogue] * 4
    context = parse_context(serving.champion.engine.spec, {"hour": 20})
    scores = [serving.versions[name].engine.score(ROWS, context).tolist() for name in (CHAMPION, CHALLENGER)]
    assert scores[0] != scores[1]
    believable = serving.champion.believable
    assert believable.low < min(scores[0]) < max(scores[0]) < believable.high


def test_without_a_champion_nothing_is_served(two_versions: Home) -> None:
    """And the sentence says what has to happen."""
    with pytest.raises(ServingError, match="state of epoch 7: no champion has passed the gate yet"):
        load(two_versions, state_of(two_versions, 7, versions={CHALLENGER: "1"}), None)


def test_what_has_not_changed_is_taken_over(two_versions: Home) -> None:
    """The very objects: an epoch that moves an alias costs nothing but the alias."""
    before = load(two_versions, state_of(two_versions), None)
    after = load(two_versions, state_of(two_versions, 2, versions={CHAMPION: "2"}), before)
    assert after.champion is before.versions[CHALLENGER]
    assert after.catalogue is before.catalogue
    assert after.live is before.live


def test_the_experiments_are_those_of_the_digest(own_home: Home) -> None:
    """Read where they changed; before the first file the champion ranks for everyone."""
    live = put_live(own_home)
    first = load(own_home, state_of(own_home), None)
    assert first.live == Live()
    second = load(own_home, state_of(own_home, 2, experiments=live.digest), first)
    assert second.live == live
    own_home.compiled(live.digest).unlink()
    assert load(own_home, state_of(own_home, 3, experiments=live.digest), second).live is second.live
    with pytest.raises(LiveFileError, match=live.digest):
        load(own_home, state_of(own_home, 4, experiments=live.digest), first)


def test_of_a_stopped_version_nothing_is_read(own_home: Home) -> None:
    """It says why, and never scores; the others do."""
    shutil.rmtree(own_home.version("2"))
    serving = load(own_home, state_of(own_home, stopped={"2": "upside down"}), None)
    stopped = serving.versions[CHALLENGER]
    assert (stopped.name, stopped.stopped) == ("small/2", "stopped by the guard: upside down")
    assert stopped.engine.kind == "none"
    with pytest.raises(EngineError, match="stopped by the guard: upside down"):
        stopped.engine.score(ROWS, parse_context(serving.champion.engine.spec, {}))
    assert serving.champion.stopped is None
    assert serving.context_names == {"hour"}


def test_a_version_that_is_let_off_is_loaded_again(two_versions: Home) -> None:
    """Not taken over as it was stopped."""
    stopped = load(two_versions, state_of(two_versions, stopped={"2": "upside down"}), None)
    cleared = load(two_versions, state_of(two_versions, 2), stopped)
    assert cleared.versions[CHALLENGER].stopped is None
    assert cleared.versions[CHALLENGER].engine.kind != "none"
    assert cleared.champion is stopped.champion


def test_a_distrusted_snapshot_is_not_opened(own_home: Home) -> None:
    """Nobody scores, and the ids that requests have are still of the right type."""
    state = state_of(own_home, distrusted="not what it was")
    shutil.rmtree(own_home.catalogue / state.snapshot)
    serving = load(own_home, state, None)
    assert (serving.catalogue.size, serving.catalogue.id_type) == (0, str)
    assert serving.catalogue.snapshot == state.snapshot
    assert {each.stopped for each in serving.versions.values()} == {"stopped by the guard: not what it was"}


def test_an_empty_catalogue_is_not_taken_over(two_versions: Home) -> None:
    """Once the snapshot is trusted again, it is opened."""
    distrusted = load(two_versions, state_of(two_versions, distrusted="not what it was"), None)
    trusted = load(two_versions, state_of(two_versions, 2), distrusted)
    assert trusted.catalogue.size > 0
    assert trusted.champion.catalogue is trusted.catalogue


def test_a_version_keeps_the_snapshot_that_has_its_features(own_home: Home) -> None:
    """The current one has lost a feature: what was trained with it scores on its training's."""
    own = load(own_home, state_of(own_home), None)
    smaller = write_catalogue(own_home.catalogue, ["item-0"], {"price": np.ones(1, np.float32)}, {}, 1.0)
    serving = load(own_home, state_of(own_home, 2, snapshot=smaller), own)
    assert serving.catalogue.snapshot == smaller
    assert serving.champion.catalogue is own.catalogue
    assert serving.champion is own.champion


def test_scores_that_are_not_the_certified_ones_are_not_served(own_home: Home) -> None:
    """A certificate of another version: the package is not what was judged."""
    target = own_home.version("2") / CERTIFICATE
    target.chmod(0o644)
    shutil.copy(own_home.version("1") / CERTIFICATE, target)
    with pytest.raises(ServingError, match=r"^version 2: .*certificate\.npz"):
        load(own_home, state_of(own_home), None)


def test_what_is_missing_is_named(own_home: Home) -> None:
    """Package or snapshot."""
    with pytest.raises(Unloadable, match="version 9: ") as raised:
        load(own_home, state_of(own_home, versions={CHAMPION: "9"}), None)
    assert raised.value.version == "9"
    with pytest.raises(CatalogueError, match="elsewhere"):
        load(own_home, state_of(own_home, snapshot="elsewhere"), None)


def test_a_correction_goes_with_its_version(own_home: Home) -> None:
    """Read where it is another one than before, dropped where the state names none."""
    first, second = corrected(own_home, 2.0), corrected(own_home, 3.0)
    one = load(own_home, state_of(own_home, corrections={"1": first}), None)
    assert one.champion.correction is not None
    assert (one.champion.correction.digest, one.champion.correction.correction) == (first, Additive(2.0))
    assert one.versions[CHALLENGER].correction is None
    same = load(own_home, state_of(own_home, 2, corrections={"1": first}), one)
    assert same.champion is one.champion
    other = load(own_home, state_of(own_home, 3, corrections={"1": second}), same)
    assert other.champion.correction is not None
    assert other.champion.correction.correction == Additive(3.0)
    assert other.champion.engine is one.champion.engine
    assert load(own_home, state_of(own_home, 4), other).champion.correction is None
    with pytest.raises(CorrectionUnreadable, match="is missing"):
        load(own_home, state_of(own_home, 5, corrections={"1": "0" * 32}), other)


def test_a_stop_counts_before_the_state_is_loaded(two_versions: Home) -> None:
    """Of what serves only the stopped version changes, and the order of fallback answers."""
    serving = load(two_versions, state_of(two_versions), None)
    stopped = without_stopped(
        serving, state_of(two_versions, 2, stopped={"2": "upside down"}, fallback="-price")
    )
    assert stopped.champion is serving.champion
    assert stopped.versions[CHALLENGER].stopped == "stopped by the guard: upside down"
    assert (stopped.state.epoch, stopped.state.fallback) == (1, "-price")
    again = without_stopped(stopped, state_of(two_versions, 3, stopped={"2": "another reason"}))
    assert again.versions[CHALLENGER] is stopped.versions[CHALLENGER]
    all_of_them = without_stopped(serving, state_of(two_versions, 2, distrusted="not what it was"))
    assert {each.stopped for each in all_of_them.versions.values()} == {
        "stopped by the guard: not what it was"
    }
    assert without_stopped(all_of_them, state_of(two_versions, 3)).state.distrusted == "not what it was"


def test_a_catalogue_can_be_taken_out_of_what_serves(two_versions: Home) -> None:
    """No version has it any more, and ids keep their type."""
    serving = load(two_versions, state_of(two_versions), None)
    bare = without_catalogue(serving, "somebody writes")
    assert {each.size for each in bare.catalogues()} == {0}
    assert (bare.catalogue.snapshot, bare.catalogue.id_type) == (serving.catalogue.snapshot, str)
    assert bare.champion.stopped == "stopped by the guard: somebody writes"
    assert bare.live is serving.live
    assert without_catalogue(bare, "somebody writes").catalogue is bare.catalogue
