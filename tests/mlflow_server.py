"""The MLflow server of `ballast up`, for the tests that need a registry alone."""

from __future__ import annotations

from pathlib import Path

from bentos.local.mlflow_server import MLFLOW_SECONDS, start_mlflow
from bentos.local.processes import Children, free_port


class MlflowServer:
    """One server process with its own store; `stop` and `start` keep the store and the port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children = Children()
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        server = start_mlflow(self._children, self._folder, self.port, self._folder / "server.log")
        self._children.wait_ready(server, MLFLOW_SECONDS)

    def stop(self) -> None:
        """End the server and the workers it started, at once."""
        self._children.stop(0.0)
