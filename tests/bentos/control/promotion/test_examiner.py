"""One examination, as far as it goes without MLflow: what is known, and what is left to be told.

That versions are downloaded, judged and told is tested with a real MLflow, in `test_loop.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bentos.control.promotion.examiner import CannotJudge, Examiner
from bentos.home.journal import Journal, decisions
from bentos.home.rulings import Ruling
from bentos.home.state import CHAMPION, Home, State, kept_beside, write_state
from models.gate.verdict import Result
from models.registry import RegisteredVersion, Registry, RegistryError
from models.registry.snapshots import Prove
from tests.bentos.home.clock import Clock
from tests.bentos.home.verdicts import verdict


@pytest.fixture
def examiner(tmp_path: Path) -> Examiner:
    """One whose registry does not answer."""
    home = Home(tmp_path)
    registry = Registry("http://127.0.0.1:1")
    return Examiner(home, "flights", tmp_path / "ranker.toml", registry, Journal(home), Clock(7.0))


def test_a_ruling_is_known_with_its_package(examiner: Examiner) -> None:
    """Without the package nothing could be served by it, without a ruling nothing may be."""
    ruling = Ruling(1.0, verdict(Result.PASS))
    examiner.rulings.put(ruling)
    assert examiner.known("3") is None
    examiner.home.version("3").mkdir(parents=True)
    assert examiner.known("3") == ruling
    examiner.home.version("4").mkdir()
    assert examiner.known("4") is None


def test_what_mlflow_was_not_told_is_told_later(examiner: Examiner) -> None:
    """The ruling stands meanwhile, untold."""
    ruling = Ruling(1.0, verdict(Result.HOLD))
    examiner.rulings.put(ruling)
    assert examiner.tell(ruling) == ruling
    kept = examiner.rulings.get("3")
    assert kept is not None
    assert not kept.told


def test_a_version_that_cannot_be_had_gets_no_ruling(examiner: Examiner) -> None:
    """Nor a line in the journal."""
    with pytest.raises(RegistryError, match="does not answer"):
        examiner.examine("3")
    assert examiner.rulings.get("3") is None
    assert list(decisions(examiner.home)) == []


class Here(Registry):
    """A registry that has every version, and keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.tags: dict[str, str] = {}

    def version(self, ranker: str, number: str) -> RegisteredVersion:
        return RegisteredVersion(ranker, number, 1.0, {}, (), "", "")

    def download(self, ranker: str, number: str, folder: Path) -> RegisteredVersion:
        folder.mkdir(parents=True, exist_ok=True)
        return self.version(ranker, number)

    def set_tags(self, ranker: str, number: str, tags: Mapping[str, str]) -> None:
        self.tags |= tags


def test_a_host_without_the_catalogue_gives_no_verdict(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version may be as good as any: nothing is ruled, told to MLflow or journaled."""
    trained_with = SimpleNamespace(snapshot="abc")
    monkeypatch.setattr("bentos.control.promotion.examiner.read_manifest", lambda _: trained_with)
    here = Here()
    with pytest.raises(CannotJudge, match="version 3 can't be judged here: this host lacks snapshot abc"):
        replace(examiner, registry=here).examine("3")
    assert examiner.rulings.get("3") is None
    assert here.tags == {}
    assert list(decisions(examiner.home)) == []


def test_a_snapshot_comes_with_its_version(examiner: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not here yet; without one the package is here all the same."""
    asked: list[tuple[str, int]] = []

    class Sending(Here):
        def download_snapshot(self, ranker: str, snapshot: str, root: Path, most: int, _: Prove) -> None:
            asked.append((snapshot, most))
            (root / snapshot).mkdir(parents=True)

    trained_with = SimpleNamespace(snapshot="abc")
    monkeypatch.setattr("bentos.control.promotion.examiner.read_manifest", lambda _: trained_with)
    for registry in (Here(), Sending(), Sending()):
        replace(examiner, registry=registry, most=9).fetch("3")
        assert examiner.home.version("3").is_dir()
    assert asked == [("abc", 9)]


def test_whether_a_ruling_is_current_only_the_registry_knows(examiner: Examiner) -> None:
    """What was never judged is not, and nobody is asked for that."""
    assert not examiner.current("3")
    examiner.home.version("3").mkdir(parents=True)
    examiner.rulings.put(Ruling(1.0, verdict(Result.PASS)))
    with pytest.raises(RegistryError, match="does not answer"):
        examiner.current("3")


def test_a_version_is_held_to_the_champion_and_the_champion_to_none(examiner: Examiner) -> None:
    """A state that can't be read names none: the gate then says what it can without."""
    assert examiner._subject("3").champion is None
    write_state(examiner.home.state, State(1, "flights", "s", {CHAMPION: "1"}))
    subject = examiner._subject("3")
    assert (subject.champion, subject.now) == (examiner.home.version("1"), 7.0)
    assert examiner._subject("1").champion is None
    examiner.home.state.write_text("{")
    kept_beside(examiner.home.state).unlink()
    assert examiner._subject("3").champion is None
