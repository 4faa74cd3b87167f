"""`mlflow server` takes the place of MLflow's command. (It runs in tests/bentos/local.)"""

from __future__ import annotations

import os
from pathlib import Path

import mlflow.server
import pytest
import uvicorn.main

from models.registry import server_process


def test_the_server_takes_the_commands_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its words as text, its variables beside those that are there, and its end as the process's."""
    seen: list[list[str]] = []
    monkeypatch.setattr(uvicorn.main, "main", lambda words, **_: seen.append(words))
    monkeypatch.setenv("THERE", "1")
    monkeypatch.setenv("MORE", "1")
    with pytest.raises(SystemExit) as ended:
        server_process.in_its_place(["python", "-m", "uvicorn", "--port", 7, "an:app"], {"MORE": "2"})  # type: ignore[list-item]
    assert not ended.value.code
    [[option, libraries, *words]] = seen
    assert words == ["--port", "7", "an:app"]
    assert (os.environ["THERE"], os.environ["MORE"]) == ("1", "2")
    assert option == "--app-dir"
    assert (Path(libraries) / "mlflow" / "server").is_dir()


def test_mlflow_starts_its_server_as_this_expects() -> None:
    """By a function of this name, which the module replaces, with a command of uvicorn."""
    assert callable(mlflow.server._exec_cmd)
    command = mlflow.server._build_uvicorn_command(None, "127.0.0.1", 7, 1, "an:app")
    assert command[1:3] == ["-m", "uvicorn"]
