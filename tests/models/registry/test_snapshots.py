"""Catalogue snapshots through a real MLflow: once per content, bounded, proven, and retired."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue, proven, write_catalogue
from models.registry import NotRegistered, Registry, RegistryError
from models.registry.snapshots import TAG, Snapshots
from tests.mlflow_server import MlflowServer

pytestmark = pytest.mark.shares("mlflow")

MB = 1_000_000


def made(root: Path, value: float) -> Path:
    """A snapshot of one item."""
    return root / write_catalogue(root, ["cup"], {"price": np.full(1, value, np.float32)}, {}, 1.0)


@pytest.fixture
def client(mlflow_server: MlflowServer, registry: Registry) -> Any:
    registry.aliases("anything")
    return registry._client


def sent(client: Any, ranker: str) -> list[str]:
    """The ids of the snapshots that are there, newest first."""
    return [run.data.tags[TAG] for run in Snapshots(client, ranker, MB)._runs()]


def test_a_snapshot_comes_back_whole_and_is_sent_once(
    client: Any, registry: Registry, tmp_path: Path
) -> None:
    """Every byte, read-only, under its name; another version with the same content sends nothing."""
    folder = made(tmp_path / "here", 1.0)
    assert registry.log_snapshot("sent", folder, MB, 5)
    assert not registry.log_snapshot("sent", folder, MB, 5)
    assert sent(client, "sent") == [folder.name]
    there = tmp_path / "there"
    registry.download_snapshot("sent", folder.name, there, MB, proven)
    assert [path.name for path in there.iterdir()] == [folder.name]
    assert {path.name: path.read_bytes() for path in (there / folder.name).iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
    assert {path.stat().st_mode & 0o777 for path in (there / folder.name).iterdir()} == {0o444}
    assert Catalogue.open(there / folder.name, verify=True).rows(["cup"]).tolist() == [0]


def test_what_is_not_there_or_too_large_is_named(registry: Registry, tmp_path: Path) -> None:
    """Neither way: nothing is left of it."""
    folder = made(tmp_path / "here", 2.0)
    with pytest.raises(NotRegistered, match="has no snapshot abc"):
        registry.download_snapshot("sizes", "abc", tmp_path / "there", MB, proven)
    with pytest.raises(RegistryError, match="BALLAST_SNAPSHOT_MB lets "):
        registry.log_snapshot("sizes", folder, 100, 5)
    assert registry.log_snapshot("sizes", folder, MB, 5)
    with pytest.raises(RegistryError, match="BALLAST_SNAPSHOT_MB"):
        registry.download_snapshot("sizes", folder.name, tmp_path / "there", 100, proven)
    assert not (tmp_path / "there").exists()


def test_nothing_is_trusted_that_is_not_what_its_name_says(
    client: Any, registry: Registry, tmp_path: Path
) -> None:
    """Another's content under a good name, one file more, another byte: refused, and not left here."""
    honest, other, there = made(tmp_path / "a", 3.0), made(tmp_path / "b", 4.0), tmp_path / "there"
    renamed = other.rename(other.with_name(honest.name))
    registry.log_snapshot("renamed", renamed, MB, 5)
    with pytest.raises(RegistryError, match=f"snapshot {honest.name} in the registry is "):
        registry.download_snapshot("renamed", honest.name, there, MB, proven)
    numbers = honest / "numeric.npy"
    numbers.chmod(0o644)
    numbers.write_bytes(numbers.read_bytes()[:-1] + b"\x01")
    registry.log_snapshot("flipped", honest, MB, 5)
    with pytest.raises(RegistryError, match="has content of digest"):
        registry.download_snapshot("flipped", honest.name, there, MB, proven)
    strange = tmp_path / "evil.py"
    strange.write_text("raise SystemExit")
    [run] = Snapshots(client, "flipped", MB)._runs()
    client.log_artifact(run.info.run_id, str(strange), "catalogue")
    with pytest.raises(RegistryError, match=r"has catalogue/evil\.py, which no snapshot has"):
        registry.download_snapshot("flipped", honest.name, there, MB, proven)
    assert list(there.iterdir()) == []


def test_all_but_the_newest_are_retired(
    client: Any, registry: Registry, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    """What a version with an alias was trained on stays; artifacts go with their run."""
    folders = [made(tmp_path, float(value)) for value in (5, 6, 7)]
    for folder in folders[:2]:
        registry.log_snapshot("retired", folder, MB, 2)
    oldest = Snapshots(client, "retired", MB)._runs()[1]
    assert client.list_artifacts(oldest.info.run_id, "catalogue")
    registry.log_snapshot("retired", folders[2], MB, 2)
    assert sent(client, "retired") == [folders[2].name, folders[1].name]
    assert client.list_artifacts(oldest.info.run_id, "catalogue") == []
    assert Snapshots(client, "retired", MB).retire(0, {folders[1].name}) == [folders[2].name]
    assert sent(client, "retired") == [folders[1].name]
