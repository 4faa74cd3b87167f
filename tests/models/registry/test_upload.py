"""A package into MLflow: all of it, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry, RegistryError
from tests.mlflow_server import MlflowServer
from tests.models.registry.packages import write_package

pytestmark = pytest.mark.shares("mlflow")


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


def test_an_incomplete_package_is_not_registered(registry: Registry, package: Path, tmp_path: Path) -> None:
    """The message names the file that is missing, and no version appears."""
    folder = write_package(tmp_path / "lacking", "lacking")
    (folder / "evaluation.json").unlink()
    with pytest.raises(RegistryError, match=r"evaluation\.json: is missing"):
        registry.log_version(folder)
    assert registry.versions("lacking") == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [("{", "evaluation.json: is not JSON: "), ("[1]", "evaluation.json: must be a JSON object")],
)
def test_documents_that_are_none_are_refused(
    registry: Registry, tmp_path: Path, content: str, rule: str
) -> None:
    """Before MLflow hears of anything."""
    folder = write_package(tmp_path / "wrong", "wrong-documents")
    (folder / "evaluation.json").write_text(content)
    with pytest.raises(RegistryError) as refused:
        registry.log_version(folder)
    assert rule in str(refused.value)
    assert registry.versions("wrong-documents") == []


def test_a_failed_upload_leaves_no_version(
    registry: Registry, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    """The run says FAILED; steps are told as they begin, the version would be the last."""
    from mlflow import MlflowClient

    folder = write_package(tmp_path / "broken", "broken-model")
    (folder / "model.cb").write_bytes(b"nonsense")
    steps: list[str] = []
    with pytest.raises(Exception, match=r"(?i)model"):
        registry.log_version(folder, steps.append)
    assert steps == ["logging parameters and metrics", "logging the model and its package"]
    assert registry.versions("broken-model") == []
    client = MlflowClient(mlflow_server.uri)
    experiment = client.get_experiment_by_name("broken-model")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FAILED"
