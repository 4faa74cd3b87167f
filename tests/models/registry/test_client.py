"""A version goes into a real MLflow and comes back whole; aliases and tags move."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.registry import Registry
from tests.mlflow_server import MlflowServer
from tests.models.registry.packages import sha256

pytestmark = pytest.mark.shares("mlflow")


def test_a_version_comes_back_whole(registry: Registry, package: Path, number: str, tmp_path: Path) -> None:
    """Every file of the package comes back byte for byte, none of MLflow's own, and nothing is left over."""
    assert (package / "engine" / "table.npy").is_file()
    target = tmp_path / "versions" / number
    target.mkdir(parents=True)
    (target / "of-before").touch()
    found = registry.download("registered", number, target)
    manifest = json.loads((package / "manifest.json").read_text())
    assert {name: sha256(target / name) for name in manifest["files"]} == manifest["files"]
    own = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert own == {*manifest["files"], "manifest.json", ".logged_digest"}
    assert (target / ".logged_digest").read_text() == sha256(package / "manifest.json")
    assert not (target / "of-before").exists()
    assert [path.name for path in target.parent.iterdir()] == [number]
    assert found.tags["ballast.data_digest"] == "ab" * 32


def test_aliases_move_and_go(registry: Registry, package: Path, number: str) -> None:
    """What the Steward polls in one call, and what `ballast promote` sets."""
    later = registry.log_version(package)
    registry.set_alias("registered", "champion", number)
    registry.set_alias("registered", "challenger", later)
    assert registry.aliases("registered") == {"champion": number, "challenger": later}
    registry.set_alias("registered", "champion", later)
    newest = registry.versions("registered")[0]
    assert newest.number == later
    assert set(newest.aliases) == {"champion", "challenger"}
    for _ in range(2):
        registry.delete_alias("registered", "challenger")
    assert registry.aliases("registered") == {"champion": later}


def test_tags_and_pages_go_to_the_version(registry: Registry, number: str, tmp_path: Path) -> None:
    """A verdict is a tag, cut where MLflow would refuse it; its page is an artifact that downloads."""
    registry.set_tags("registered", number, {"ballast.gate": "hold", "ballast.reasons": "x" * 6000})
    tags = registry.version("registered", number).tags
    assert tags["ballast.gate"] == "hold"
    assert len(tags["ballast.reasons"]) == 5000
    page = tmp_path / "7.html"
    page.write_text("<p>held</p>")
    registry.attach("registered", number, page, "gate")
    found = registry.version("registered", number)
    place = registry._location(found.source)
    assert attached(registry, f"{place}/gate/7.html", tmp_path / "again") == "<p>held</p>"
    registry.download("registered", number, tmp_path / "package")
    assert not (tmp_path / "package" / ".refused").exists()


def attached(registry: Registry, uri: str, to: Path) -> str:
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(uri, dst_path=str(to), tracking_uri=registry.uri)).read_text()


def test_a_version_that_mlflow_users_made_is_downloaded_too(
    registry: Registry, package: Path, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    """A model logged below a run and registered by hand has no package, but its files still come."""
    from mlflow import MlflowClient

    client = MlflowClient(mlflow_server.uri)
    run = client.create_run("0").info.run_id
    client.log_artifact(run, str(package / "model.cb"), "mine")
    client.create_registered_model("by-hand")
    source = f"{client.get_run(run).info.artifact_uri}/mine"
    version = client.create_model_version("by-hand", source, run).version
    registry.download("by-hand", str(version), tmp_path / "1")
    assert (tmp_path / "1" / "model.cb").is_file()
    assert (tmp_path / "1" / ".logged_digest").read_text() == ""
