"""A package goes into a real MLflow and comes back whole; the registry's failures have names."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration
from models.registry import NotRegistered, Registry, RegistryError, RegistryUnavailable, facts
from tests.mlflow_server import MlflowServer

pytestmark = pytest.mark.shares("mlflow")

ROWS = 600


def write_package(folder: Path, ranker: str) -> Path:
    """A small package: all the files that registration needs, of a model trained here."""
    (folder / "plots").mkdir(parents=True)
    draw = np.random.default_rng(0)
    columns = {
        "a": draw.normal(size=ROWS),
        "b": draw.normal(size=ROWS),
        "c": draw.choice(["x", "y", ""], ROWS),
    }
    frame = pd.DataFrame(columns).astype({"a": "float32", "b": "float32"})
    settings = {"iterations": 20, "depth": 3, "loss_function": "QueryRMSE", "verbose": 0}
    model = catboost.CatBoost(settings | {"allow_writing_files": False})
    label = frame["a"] + (frame["c"] == "x")
    model.fit(catboost.Pool(frame, label, cat_features=["c"], group_id=np.arange(ROWS) // 10))
    model.save_model(str(folder / "model.cb"))
    features = {"numeric": ["a", "b"], "categorical": ["c"], "available_at": {"*": "0h"}}
    data = {"source": "table.csv", "group": "g", "label": "y", "time": "t"}
    declared = Declaration.model_validate({"ranker": {"name": ranker}, "data": data, "features": features})
    (folder / "declaration.json").write_text(declared.to_json())
    frame.assign(score=model.predict(frame)).to_parquet(folder / "reference.parquet")
    (folder / "evaluation.json").write_text(json.dumps({"ndcg@10": {"value": 0.5, "low": 0.4}}))
    (folder / "plots" / "importance.png").write_bytes(b"not looked at by MLflow")
    write_manifest(folder, ranker)
    return folder


def write_manifest(folder: Path, ranker: str) -> None:
    files = {str(file.relative_to(folder)): _sha256(file) for file in folder.rglob("*") if file.is_file()}
    manifest = {"ranker": ranker, "version_of_code": "0.1.0", "data_digest": "ab" * 32, "snapshot": "5" * 16}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"created": 1.0, "files": files}))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def registry(mlflow_server: MlflowServer) -> Registry:
    return Registry(mlflow_server.uri)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_package(tmp_path_factory.mktemp("packages") / "one", "registered")
    (made / "engine").mkdir()  # what an engine keeps beside a package it has loaded is no part of it
    (made / "engine" / "table.npy").touch()
    return made


@pytest.fixture(scope="module")
def number(registry: Registry, package: Path) -> str:
    return registry.log_version(package)


def test_a_version_comes_back_whole(registry: Registry, package: Path, number: str, tmp_path: Path) -> None:
    """Every file of the package comes back byte for byte, beside MLflow's own, and nothing is left over."""
    assert (package / "engine" / "table.npy").is_file()
    target = tmp_path / "versions" / number
    target.mkdir(parents=True)
    (target / "of-before").touch()
    found = registry.download("registered", number, target)
    manifest = json.loads((package / "manifest.json").read_text())
    assert {name: _sha256(target / name) for name in manifest["files"]} == manifest["files"]
    assert (target / "MLmodel").is_file()
    assert not (target / "engine").exists()
    assert (target / ".logged_digest").read_text() == _sha256(package / "manifest.json")
    assert not (target / "of-before").exists()
    assert [path.name for path in target.parent.iterdir()] == [number]
    assert found.tags["ballast.data_digest"] == "ab" * 32


def test_mlflow_shows_what_training_knew(
    registry: Registry, number: str, mlflow_server: MlflowServer
) -> None:
    """Parameters, metrics without "@", the data's digest, signature and example are in MLflow's places."""
    from mlflow import MlflowClient
    from mlflow.models import Model

    client = MlflowClient(mlflow_server.uri)
    version = registry.version("registered", number)
    run: Any = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["ranker/objective"] == "QueryRMSE"
    assert run.data.params["data_digest"] == "ab" * 32
    assert run.data.metrics["ndcg_at_10/low"] == 0.4
    assert run.inputs.dataset_inputs[0].dataset.digest == ("ab" * 32)[:36]
    model = client.get_logged_model(version.source.rpartition("/")[2])
    assert model.status == "READY"
    assert {metric.key for metric in model.metrics} == {"ndcg_at_10/value", "ndcg_at_10/low"}
    described = Model.load(
        f"{model.artifact_location}/MLmodel".replace("mlflow-artifacts:", _proxy(mlflow_server))
    )
    assert described.signature.inputs.input_names() == ["a", "b", "c"]
    assert described.saved_input_example_info is not None


def _proxy(server: MlflowServer) -> str:
    return f"{server.uri}/api/2.0/mlflow-artifacts/artifacts"


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
    page = tmp_path / "gate.html"
    page.write_text("<p>held</p>")
    registry.attach("registered", number, page, "gate")
    registry.download("registered", number, tmp_path / "again")
    assert (tmp_path / "again" / "gate" / "gate.html").read_text() == "<p>held</p>"


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


def test_unknown_things_are_named(registry: Registry, number: str, tmp_path: Path) -> None:
    """No such ranker is no aliases; no such version is an error, also where MLflow would take it."""
    assert registry.aliases("nobody") == {}
    assert registry.versions("nobody") == []
    with pytest.raises(NotRegistered, match="version=99"):
        registry.set_alias("registered", "champion", "99")
    with pytest.raises(NotRegistered, match="nobody"):
        registry.download("nobody", "1", tmp_path / "1")
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_package_is_not_registered(registry: Registry, package: Path, tmp_path: Path) -> None:
    """The message names the file that is missing, and no version appears."""
    folder = write_package(tmp_path / "lacking", "lacking")
    (folder / "evaluation.json").unlink()
    with pytest.raises(RegistryError, match=r"evaluation\.json: is missing"):
        registry.log_version(folder)
    assert registry.versions("lacking") == []


@pytest.mark.parametrize(
    "call",
    [
        lambda registry, _: registry.aliases("registered"),
        lambda registry, folder: registry.download("registered", "1", folder),
        lambda registry, folder: registry.log_version(folder),
        lambda registry, _: registry.set_tags("registered", "1", {"a": "b"}),
    ],
)
def test_a_dead_server_fails_fast(call: Callable[[Registry, Path], object], package: Path) -> None:
    """Nothing listens: an error of its own within a second, not minutes of retries."""
    started = time.monotonic()
    with pytest.raises(RegistryUnavailable, match=r"MLflow at .* does not answer: .*refused"):
        call(Registry("http://127.0.0.1:1"), package)
    assert time.monotonic() - started < 2


def test_metric_names_are_ones_that_mlflow_takes() -> None:
    """Paths become names, "@" is spelt, lists go by their label, what is not finite is left out."""
    found = facts.metrics(
        {
            "ndcg@10": {"value": 0.5, "low": math.nan},
            "slices": [{"name": "EWR/UA (x)", "rows": 3, "ok": True}, {"rows": 4}],
        }
    )
    assert found == {"ndcg_at_10/value": 0.5, "slices/EWR_UA _x_/rows": 3.0, "slices/1/rows": 4.0}


def test_parameters_leave_out_what_is_empty_and_fit_mlflow() -> None:
    """Lists are JSON, long ones are cut at MLflow's limit, missing keys are no parameters."""
    found = facts.params({"ranker": {"name": "f", "params": {}}, "features": {"numeric": ["x" * 7000]}})
    assert found["ranker/name"] == "f"
    assert "ranker/params" not in found
    assert len(found["features/numeric"]) == 6000
