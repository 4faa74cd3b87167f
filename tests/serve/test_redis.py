"""Items in Redis: the same answers; Redis stopped, killed, started empty, crawling, all under load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.catalogue.redis_link import PATIENCE, PAUSE, WAIT
from tests.models.catalogue.redises import Server, server
from tests.serve.load import Load, load
from tests.serve.second import served
from tests.serve.stack import Stack
from tests.serve.test_runner import _answers, _bodies, _same

pytestmark = pytest.mark.shares("serve")

MOST = WAIT * PATIENCE + 1.5  # seconds an answer may take; the rest is other work on the machine
BACK = PAUSE + 1.5  # seconds until Redis is used again once it is well


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    """A server for the items."""
    with server("valkey") as one:
        yield one


def _publish(stack: Stack, one: Server) -> None:
    stack.settings["BALLAST_REDIS"] = _address(one)  # for the command; the stack was started without
    try:
        published = stack.run("publish")
    finally:
        del stack.settings["BALLAST_REDIS"]
    assert published.returncode == 0, published.stderr


def _address(one: Server) -> str:
    return f"redis://127.0.0.1:{one.port}"


def test_redis_well_and_unwell(stack: Stack, redis: Server, tmp_path: Path) -> None:
    """Identical answers; whatever becomes of Redis, an answer in bounded time, and back to Redis after."""
    bodies = _bodies(stack)
    _publish(stack, redis)
    with served(stack, tmp_path, BALLAST_REDIS=_address(redis), BALLAST_WORKERS="1") as url:
        _same(_answers(stack.url, bodies, 8), _answers(url, bodies, 8))
        with load(url, bodies[-1], connections=8) as running:
            _wait_for(running, None)
            with _unwell(running, "Redis has not answered within 0.1 s"), redis.stopped():
                time.sleep(1.5)
            with _unwell(running, "does not answer"):
                redis.kill()
                time.sleep(1.5)
                redis.start()  # empty
                _wait_for(running, "Redis has lost snapshot")
                _publish(stack, redis)
        assert running.failures == []
        print(f"{len(running.answers)} answers, the slowest after {max(running.seconds):.2f} s")
        assert max(running.seconds) < MOST
        _in_the_order_given(running, bodies[-1])
        _same(_answers(stack.url, bodies, 8), _answers(url, bodies, 8))


@contextmanager
def _unwell(running: Load, reason: str) -> Iterator[None]:
    """While the block runs, the fallback answers for this reason; after it, soon, the model."""
    began = len(running.answers)
    yield
    taken = _wait_for(running, None)
    reasons = {str(answer["fallback"]) for _, answer in running.answers[began:]} - {"None"}
    assert all(one.startswith("catalogue unavailable: ") for one in reasons), reasons
    assert any(reason in one for one in reasons), reasons
    print(f"{reason}: back after {taken:.2f} s")


def _wait_for(running: Load, reason: str | None) -> float:
    """Until an answer that has just come has this fallback; the seconds it took."""
    started = time.monotonic()
    while time.monotonic() < started + BACK:
        found = running.answers[-1:]
        if found and found[0][0] > started and _given(found[0][1], reason):
            return time.monotonic() - started
        time.sleep(0.02)
    raise AssertionError(f"no answer with fallback {reason} within {BACK} s: {running.answers[-1:]}")


def _given(answer: dict[str, Any], reason: str | None) -> bool:
    fallback = answer["fallback"]
    return fallback is None if reason is None else reason in str(fallback)


def _in_the_order_given(running: Load, body: dict[str, Any]) -> None:
    for _, answer in running.answers:
        if answer["fallback"] is not None and not answer["explored"]:
            known = [one for one in body["candidates"] if one not in answer["unknown"]]
            assert answer["items"] == known + answer["unknown"]
