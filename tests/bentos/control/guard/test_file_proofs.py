"""Files and birth certificate are proven again: what has changed since a version was let in is found."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from bentos.control.guard import file_proofs
from bentos.control.guard.file_proofs import AGAIN, FIRST, FileProofs, Finding, broken, signature
from bentos.control.guard.quantities import CERTIFICATE, FILES, SNAPSHOT
from bentos.home.rulings import Rulings
from bentos.home.state import Home
from models.catalogue.catalogue import write_catalogue
from models.package import MODEL, read_certificate, read_manifest, write_certificate, write_manifest
from tests.bentos.control.guard.staged import state_of
from tests.faults.months import Stage
from tests.overwrite import overwrite

EVERY = 3600.0


@dataclass
class Proven:
    """Version 1 of a small ranker and its snapshot, proven by a clock of its own."""

    home: Home
    snapshot: str
    now: float = 0.0

    def __post_init__(self) -> None:
        self.proofs = FileProofs(self.home, "small", lambda: self.now)

    def look(self, after: float = 0.0) -> list[Finding]:
        self.now += after
        return self.proofs.look({"1"}, self.snapshot, EVERY)

    @property
    def folder(self) -> Path:
        return self.home.version("1")


@pytest.fixture
def proven(stage: Stage) -> Proven:
    return Proven(stage.home, state_of(stage).snapshot)


def flip(path: Path, at: int = -1) -> None:
    """Turn one byte over."""
    content = bytearray(path.read_bytes())
    content[at] ^= 255
    overwrite(path, bytes(content))


def test_what_is_whole_gives_no_finding(proven: Proven) -> None:
    assert proven.look() == []
    assert proven.look(FIRST) == []
    assert proven.look(EVERY) == []


def test_of_versions_whose_time_has_come_one_is_proven_at_a_look(proven: Proven) -> None:
    """Records wait meanwhile; what has changed is proven with it."""
    proofs, every = proven.proofs, {"1", "2"}

    def look(after: float) -> set[str]:
        proven.now += after
        assert proofs.look(every, proven.snapshot, EVERY) == []
        return proofs.whole - {proven.snapshot}

    assert look(0.0) == set()
    assert [look(FIRST), look(0.25), look(0.25)] == [{"1"}, {"2"}, set()]
    (proven.home.version("2") / MODEL).touch()
    assert look(EVERY) == {"1", "2"}


def test_a_file_that_changes_is_found_at_the_next_look(proven: Proven) -> None:
    """Whatever the time; and once it is as it was, nothing is wrong any more."""
    proven.look()
    model = proven.folder / MODEL
    flip(model)
    [found] = proven.look()
    assert (found.kind, found.subject, found.quantity) == ("version", "1", FILES)
    assert found.evidence.startswith(f"{model}: sha256 ")
    assert proven.look() == [], "it is not proven at every look"
    flip(model)
    assert proven.look() == []


def test_files_changed_beforehand_are_found_when_the_proof_is_due(proven: Proven) -> None:
    """The first some seconds after it began to serve, then every so often."""
    flip(proven.folder / MODEL)
    assert proven.look() == []
    assert proven.look(FIRST - 0.1) == []
    assert [each.quantity for each in proven.look(0.1)] == [FILES]
    assert proven.look(EVERY - 0.1) == []
    assert [each.quantity for each in proven.look(0.1)] == [FILES]


def test_a_version_that_is_judged_anew_is_left_alone(proven: Proven) -> None:
    proven.look()
    shutil.rmtree(Rulings.of(proven.home).folder)
    flip(proven.folder / MODEL)
    assert proven.look() == []


def test_a_manifest_written_anew_is_another_one(proven: Proven) -> None:
    """Its digests are right, and it is not the one that began to serve."""
    assert proven.look(FIRST) == []
    assert proven.look(FIRST) == []
    manifest = read_manifest(proven.folder)
    (proven.folder / "manifest.json").chmod(0o644)
    write_manifest(proven.folder, replace(manifest, created=manifest.created + 1))
    [found] = proven.look()
    assert found.quantity == FILES
    assert found.evidence.endswith("manifest.json: its content has changed since it began to serve")


def test_a_certificate_that_does_not_come_out_is_found(proven: Proven) -> None:
    """Every file is as the manifest says, and the scores are not training's."""
    recertified(proven.folder)
    proven.look()
    [found] = proven.look(FIRST)
    assert (found.kind, found.subject, found.quantity) == ("version", "1", CERTIFICATE)
    assert "scores differ from training's" in found.evidence


def test_a_damaged_snapshot_is_found_before_its_versions(proven: Proven) -> None:
    """Versions are not proven on it: what they give says nothing of them."""
    proven.look()
    flip(proven.home.catalogue / proven.snapshot / "numeric.npy")
    flip(proven.folder / MODEL)
    [found] = proven.look()
    assert (found.kind, found.subject, found.quantity) == ("snapshot", proven.snapshot, SNAPSHOT)
    assert "digest" in found.evidence


def test_trainings_snapshot_damaged_is_no_fault_of_the_version(proven: Proven) -> None:
    """Another one serves: then the certificate can't be reproduced, and proves nothing."""
    recertified(proven.folder)
    flip(proven.home.catalogue / proven.snapshot / "numeric.npy")
    proven.snapshot = write_catalogue(proven.home.catalogue, ["a"], {"x": np.ones(1, np.float32)}, {}, 1.0)
    proven.look()
    assert proven.look(FIRST) == []
    [said] = proven.proofs.unproven
    assert said.startswith("version 1: its birth certificate: training's snapshot ")


def test_what_cannot_be_proven_is_said_and_tried_again(
    proven: Proven, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no finding, and keeps nothing else from being proven."""
    proven.look()
    flip(proven.folder / MODEL)
    with monkeypatch.context() as patched:

        def fails(_: Path) -> str | None:
            raise MemoryError

        patched.setattr(file_proofs, "broken", fails)
        assert [each.quantity for each in proven.look(FIRST)] == [FILES]
        assert proven.proofs.unproven == [f"{proven.snapshot}: MemoryError()"]
    proven.look(AGAIN - 0.1)
    assert proven.proofs.unproven != []
    proven.look(0.1)
    assert proven.proofs.unproven == []


def recertified(folder: Path) -> None:
    """Let a package certify scores that it does not give."""
    manifest, certificate = read_manifest(folder), read_certificate(folder)
    for name in ("certificate.npz", "manifest.json"):
        (folder / name).chmod(0o644)
    write_certificate(folder, replace(certificate, scores=certificate.scores + 1.0))
    write_manifest(folder, manifest)


def test_a_signature_tells_every_change_but_drafts(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "file").write_text("a")
    before = signature(tmp_path)
    assert [path.name for path in before] == ["file"]
    (tmp_path / ".draft").write_text("a")
    assert signature(tmp_path) == before
    (tmp_path / "other").write_text("a")
    assert signature(tmp_path) != before


def test_a_snapshot_is_broken_or_not(proven: Proven, tmp_path: Path) -> None:
    assert broken(proven.home.catalogue / proven.snapshot) is None
    assert broken(tmp_path / "nothing") is not None
