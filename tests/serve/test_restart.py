"""Ctrl-C leaves nothing behind, and a second start keeps all state."""

from __future__ import annotations

import httpx
import psutil
import pytest

from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")


def _processes(stack: Stack) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("BALLAST_HOME") == str(stack.home):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def test_stop_and_start_again(stack: Stack) -> None:
    """Stopped within 10 s, no process left, the same versions and records afterwards."""
    body = stack.example() | {"request_id": "before-the-restart"}
    assert httpx.post(f"{stack.url}/rank", json=body).status_code == 200
    before = stack.status()["state"]
    took = stack.stop()
    print(f"stopped in {took:.1f} s")
    assert took < 10
    assert _processes(stack) == []
    printed = stack.start()
    print(printed)
    assert "training" not in printed
    after = stack.status()["state"]
    assert after["versions"] == before["versions"]
    outcome = {"request_id": "before-the-restart", "outcomes": [{"item": body["candidates"][0], "value": 1}]}
    assert httpx.post(f"{stack.url}/feedback", json=outcome).status_code == 200


def test_a_taken_port_is_one_clear_line(stack: Stack) -> None:
    """A second `ballast up` on the same port says who has it and what to do."""
    refused = stack.run("up")
    assert refused.returncode == 1
    assert f"port {stack.port}" in refused.stderr
    assert "BALLAST_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
