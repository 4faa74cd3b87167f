"""`mlflow server` as one process: `python -m models.registry.server_process server …`, MLflow's arguments.

MLflow's command starts the server as a child and waits for it. If the command is killed, the child lives on
and keeps the port. Here the server takes the command's place: one process to signal, and 280 MB less.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import mlflow.server
from mlflow.cli import cli


def in_its_place(command: Sequence[str], extra_env: Mapping[str, str], **_: Any) -> None:
    """Become the program that MLflow wants to start. Does not return."""
    words = [str(word) for word in command]
    os.execvpe(  # noqa: S606 - MLflow's own command
        words[0], words, {**os.environ, **extra_env}
    )


if __name__ == "__main__":
    mlflow.server._exec_cmd = in_its_place
    cli()
