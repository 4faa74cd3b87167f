"""The MLflow that `ballast up` starts is a real one, and keeps what it is told."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from mlflow import MlflowClient

from bentos.local.mlflow_server import MLFLOW_SECONDS, start_mlflow
from bentos.local.processes import Children, free_port

pytestmark = pytest.mark.shares("mlflow")  # one MLflow more at a time is enough for two cores


def test_what_it_was_told_is_there_after_a_restart(tmp_path: Path) -> None:
    """In SQLite below its folder; its artifacts too; on this host only."""
    folder, log = tmp_path / "mlflow", tmp_path / "logs" / "mlflow.log"
    for expected in ([], ["flights"]):
        children, port = Children(), free_port()
        try:
            child = start_mlflow(children, folder, port, log)
            children.wait_ready(child, MLFLOW_SECONDS)
            client = MlflowClient(f"http://127.0.0.1:{port}")
            assert psutil.Process(child.process.pid).children() == [], "one process, which a signal reaches"
            assert [model.name for model in client.search_registered_models()] == expected
            if not expected:
                client.create_registered_model("flights")
        finally:
            children.stop()
        assert not child.ready()
    assert (folder / "mlflow.db").is_file()
    assert log.stat().st_size > 0
