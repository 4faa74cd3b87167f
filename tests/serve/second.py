"""A second `bentoml serve` over a running stack's home: another runner, or a built bento."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bentos.local.processes import free_port
from tests.serve.stack import ROOT, Stack


@contextmanager
def served(
    stack: Stack, folder: Path, target: str = str(ROOT), bentoml_home: Path | None = None, **settings: str
) -> Iterator[str]:
    """Serve `target` from an empty folder, with the stack's state; gives the address."""
    empty = folder / "empty"
    empty.mkdir()
    port = free_port()
    env = {**stack.env, **settings, "BENTOML_HOME": str(bentoml_home or folder / "bentoml")}
    if target != str(ROOT):
        env.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "bentoml", "serve", target, "--port", str(port), "--host", "127.0.0.1"]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=env, cwd=empty, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz", process, folder / "serve.log")
        yield f"http://127.0.0.1:{port}"
        assert list(empty.iterdir()) == []
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"not ready: {url}\n{log.read_text()[-3000:]}")
