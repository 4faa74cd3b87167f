"""Evidence of the guard on disk is of one package, and what can't be read is none."""

from __future__ import annotations

from pathlib import Path

from bentos.home import evidence as saved
from bentos.home.state import Home


def test_evidence_is_of_one_package(tmp_path: Path) -> None:
    """Another package under the same number begins anew; so does what can't be read."""
    home = Home(tmp_path)
    assert saved.read(home, "3", "a") == {}
    saved.save(home, "3", "a", saved.KeptEvidence({"slow": {"limit": 0.1}}, {"slow": {"x": 1}}, 7.0))
    assert (saved.counted(home, "3", "a"), saved.counted(home, "3", "b")) == ((True, 7.0), (False, None))
    assert saved.read(home, "3", "a") == {"slow": {"x": 1}}
    assert saved.read(home, "3", "b") == {}
    assert saved.read_all(home) == {"3": {"quantities": {"slow": {"limit": 0.1}}}}
    (saved.folder(home) / "3.json").write_text("{")
    assert (saved.read(home, "3", "a"), saved.read_all(home)) == ({}, {})
