"""A steady load in a thread of its own, which keeps every answer and every failure."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

PAUSE = 0.005  # seconds before a connection asks again: what a test waits for needs some of the machine too


class Load:
    """Sends one body for changing units until stopped."""

    def __init__(self, url: str, body: dict[str, Any], connections: int) -> None:
        self.answers: list[tuple[float, dict[str, Any]]] = []
        self.failures: list[str] = []
        self.seconds: list[float] = []  # that each answer took
        self._url = url
        self._body = body
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(connections)]

    def _run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=20) as http:
            while not self._stop.is_set():
                body = self._body | {"unit": f"load-{next(self._numbers)}"}
                started = time.monotonic()
                try:
                    answer = http.post("/rank", json=body)
                except httpx.HTTPError as error:
                    self.failures.append(type(error).__name__)
                    continue
                self.seconds.append(time.monotonic() - started)
                if answer.status_code == 200:
                    self.answers.append((time.monotonic(), answer.json()))
                else:
                    self.failures.append(f"{answer.status_code}: {answer.text}")
                self._stop.wait(PAUSE)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)


@contextmanager
def load(url: str, body: dict[str, Any], connections: int = 4) -> Iterator[Load]:
    """Load while the block runs."""
    running = Load(url, body, connections)
    running.start()
    try:
        yield running
    finally:
        running.stop()
