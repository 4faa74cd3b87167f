"""`ballast up`: what stops it before anything is started. (Started: `make up`, tests/serve.)"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.environment import ROOT
from bentos.local.processes import free_port


@pytest.mark.parametrize(
    ("variable", "whose"), [("BALLAST_PORT", "the service"), ("BALLAST_MLFLOW_PORT", "MLflow")]
)
def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, variable: str, whose: str) -> None:
    """Status 1, who has it, and what to set; nothing was started."""
    ports = {"BALLAST_PORT": str(free_port()), "BALLAST_MLFLOW_PORT": str(free_port())}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "bentos", "up"],
            env={**os.environ, "BALLAST_HOME": str(tmp_path), **ports, variable: str(port)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert f"error: port {port} for {whose} is taken by pid {os.getpid()}" in said
    assert f"choose another with {variable}=" in said
    assert not (tmp_path / "logs").exists()


def test_an_end_while_it_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM while MLflow comes up: both are gone afterwards."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "bentos", "up"],
        env={
            **os.environ,
            "BALLAST_HOME": str(tmp_path),
            "BALLAST_PORT": str(free_port()),
            "BALLAST_MLFLOW_PORT": str(port),
        },
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (tmp_path / "logs" / "mlflow.log").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert "stopping…" in said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
