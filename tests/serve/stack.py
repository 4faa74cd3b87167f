"""The whole system as a user starts it: `ballast up`, on free ports and a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bentos.local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 420  # a minute on an idle machine


@dataclass
class Stack:
    """A running `ballast up`."""

    home: Path
    ranker: Path = ROOT / "models" / "ranker.toml"
    experiments: Path = ROOT / "experiments" / "live.yaml"
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    mlflow_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _examples: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        own = {
            "BALLAST_HOME": str(self.home),
            "BALLAST_RANKER": str(self.ranker),
            "BALLAST_EXPERIMENTS": str(self.experiments),
            "BALLAST_PORT": str(self.port),
            "BALLAST_MLFLOW_PORT": str(self.mlflow_port),
            "PYTHONPATH": str(ROOT),
        }
        return {**os.environ, **own, **self.settings}

    def start(self) -> str:
        """Start everything; what `ballast up` printed by the time it was ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        printed = self.home / "up.log"
        with printed.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bentos", "up"],
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while "Stop with Ctrl-C" not in printed.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("`ballast up` did not come up:\n" + printed.read_text())
            time.sleep(0.1)
        return printed.read_text()

    def serves(self, digest: str) -> bool:
        """Whether every worker follows the live.yaml of this digest, and nothing is wrong."""
        found = self.status()
        return bool(
            found["acknowledged"] and found["state"]["experiments"] == digest and not found["problems"]
        )

    def stop(self, number: int = signal.SIGINT) -> float:
        """Ctrl-C; the seconds until it had ended."""
        started = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return time.monotonic() - started

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `ballast` command against this stack."""
        return subprocess.run(
            [sys.executable, "-m", "bentos", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def example(self, *options: str) -> dict[str, Any]:
        """A real request body, as `ballast request` prints it; asked for once."""
        if options not in self._examples:
            result = self.run("request", *options)
            assert result.returncode == 0, result.stderr
            self._examples[options] = result.stdout
        return dict(json.loads(self._examples[options]))

    def status(self) -> dict[str, Any]:
        """What /status says; tried again while a worker that has just been killed had the connection."""
        for _ in range(5):
            try:
                return dict(httpx.get(f"{self.url}/status", timeout=10).json())
            except httpx.TransportError:
                time.sleep(0.5)
        raise AssertionError(f"{self.url}/status does not answer")

    def wait_for(self, what: str, condition: Any, seconds: float) -> float:
        """Poll until `condition()` is true; the seconds it took."""
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > seconds:
                raise AssertionError(
                    f"not within {seconds} s: {what}; status: {json.dumps(self.status())[:3000]}"
                )
            time.sleep(0.05)
        return time.monotonic() - started

    def decisions(self) -> list[dict[str, Any]]:
        """Every whole decision record in the segments."""
        return [json.loads(line) for line in self.lines("decisions")]

    def lines(self, kind: str) -> list[str]:
        """Every whole line of the segments of one kind."""
        [folder] = self.home.glob(f"*/log/{kind}")
        found = []
        for segment in sorted(folder.glob("*.jsonl")):
            found += [line for line in segment.read_text().split("\n")[:-1] if line.startswith("{")]
        return found
