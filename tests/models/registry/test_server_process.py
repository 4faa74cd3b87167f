"""`mlflow server` takes the place of MLflow's command. (It runs in tests/bentos/local.)"""

from __future__ import annotations

import os

import mlflow.server
import pytest

from models.registry import server_process


def test_the_server_takes_the_commands_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its words as text, and its variables beside those that are there."""
    seen: list[object] = []
    monkeypatch.setattr(os, "execvpe", lambda *arguments: seen.extend(arguments))
    monkeypatch.setenv("THERE", "1")
    server_process.in_its_place(["python", 7], {"MORE": "2"}, capture_output=False, synchronous=False)  # type: ignore[list-item]
    program, words, environment = seen
    assert (program, words) == ("python", ["python", "7"])
    assert isinstance(environment, dict)
    assert (environment["THERE"], environment["MORE"]) == ("1", "2")


def test_mlflow_starts_its_server_as_this_expects() -> None:
    """By a function of this name, which the module replaces."""
    assert callable(mlflow.server._exec_cmd)
