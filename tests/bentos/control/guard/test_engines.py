"""Loaded versions are kept, the few that were needed last."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.guard import engines
from bentos.control.guard.engines import Engines
from models.catalogue.catalogue import CatalogueError
from models.package import read_manifest
from tests.bentos.control.guard.conftest import Made


@pytest.fixture
def loaded(made: Made, tmp_path: Path) -> tuple[Engines, str]:
    """Three versions of one package, and the snapshot they were trained on."""
    for number in ("1", "2", "3"):
        (tmp_path / number).symlink_to(made[1])
    return Engines(tmp_path, made[2]), read_manifest(made[1]).snapshot


def test_a_version_is_loaded_once(loaded: tuple[Engines, str]) -> None:
    found, snapshot = loaded
    engine, catalogue = found.get("1", snapshot)
    assert engine.spec.context_numeric == ("hour",)
    assert catalogue.size == 3200
    assert found.get("1", snapshot)[0] is engine
    assert found.get("2", snapshot)[0] is not engine


def test_what_was_needed_longest_ago_goes(
    loaded: tuple[Engines, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "MOST", 2)
    found, snapshot = loaded
    one, two = found.get("1", snapshot), found.get("2", snapshot)
    assert found.get("1", snapshot)[0] is one[0]
    found.get("3", snapshot)
    assert found.get("1", snapshot)[0] is one[0]
    assert found.get("2", snapshot)[0] is not two[0]


def test_what_is_forgotten_is_loaded_anew(loaded: tuple[Engines, str]) -> None:
    """A version alone, or all that is on a snapshot."""
    found, snapshot = loaded
    one, two = (found.get(each, snapshot)[0] for each in ("1", "2"))
    found.forget("1")
    assert found.get("1", snapshot)[0] is not one
    assert found.get("2", snapshot)[0] is two
    found.forget(snapshot)
    assert found.get("2", snapshot)[0] is not two


def test_a_snapshot_that_is_not_there_is_said(loaded: tuple[Engines, str]) -> None:
    with pytest.raises(CatalogueError):
        loaded[0].get("1", "0" * 16)
