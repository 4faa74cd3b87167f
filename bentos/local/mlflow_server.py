"""The MLflow server that `ballast up` starts: SQLite and a folder of artifacts, on this host only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bentos.environment import ROOT
from bentos.local.processes import Child, Children

MLFLOW_SECONDS = 180.0  # until it must answer; 17 on an idle machine


def start_mlflow(
    children: Children, folder: Path, port: int, log: Path, env: Mapping[str, str] | None = None
) -> Child:
    """Start it over what is in `folder`, with more variables in `env`; it answers when the child is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, "-m", "models.registry.server_process", "server", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}"),
        *("--artifacts-destination", str(folder / "artifacts")),
    ]
    return children.start(
        "MLflow",
        command,
        env={
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONSAFEPATH": "1",  # nothing in its folder is a module
            **(env or {}),
        },
        log=log,
        cwd=folder,
        ready_url=f"http://127.0.0.1:{port}/health",
    )
