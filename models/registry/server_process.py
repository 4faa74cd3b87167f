"""`mlflow server` as one process: `python -m models.registry.server_process server …`, MLflow's arguments.

MLflow's command starts the server as a child and waits for it. If the command is killed, the child lives on
and keeps the port. Here the server runs where the command runs: one process to signal, 280 MB less, and what
the command has imported is imported once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import mlflow.server
import uvicorn.main
from mlflow.cli import cli

_LIBRARIES = Path(mlflow.server.__file__).parents[2]


def in_its_place(command: Sequence[str], extra_env: Mapping[str, str], **_: Any) -> NoReturn:
    """Be the server that MLflow wants to start, `[python, "-m", "uvicorn", …]`, and end with it.

    Uvicorn would put the working folder first on Python's path; what it serves lies where MLflow lies.
    """
    words = [str(word) for word in command]
    arguments = words[words.index("uvicorn") + 1 :]
    os.environ.update(extra_env)
    uvicorn.main.main(["--app-dir", str(_LIBRARIES), *arguments], standalone_mode=False)
    sys.exit(0)


if __name__ == "__main__":
    mlflow.server._exec_cmd = in_its_place
    cli()
