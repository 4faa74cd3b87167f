"""What dies under load: a worker, MLflow. What was answered is on record, once."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import httpx
import psutil
import pytest

from tests.serve.load import load
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")


def _rankers(stack: Stack) -> set[int]:
    return {worker["pid"] for worker in stack.status()["workers"] if worker["kind"] == "ranker"}


def _all(stack: Stack) -> bool:
    return len(_rankers(stack)) == (os.cpu_count() or 1) and bool(stack.status()["acknowledged"])


def test_kill_9_of_a_worker_loses_nothing(stack: Stack) -> None:
    """No answered request is missing from the log, and none is there twice."""
    with load(stack.url, stack.example(), connections=8) as running:
        for pid in _rankers(stack):
            time.sleep(1)
            os.kill(pid, signal.SIGKILL)
            stack.wait_for("a new worker serves", lambda: pid not in _rankers(stack) and _all(stack), 90)  # noqa: B023
        time.sleep(1)
    records = Counter(record["request_id"] for record in stack.decisions())
    answered = [answer["request_id"] for _, answer in running.answers]
    print(f"{len(answered)} answered, {len(running.failures)} connections broken by the kill")
    assert [name for name in answered if records[name] == 0] == []
    assert [name for name, count in records.items() if count > 1 and name in set(answered)] == []
    assert all(failure[:1] != "5" for failure in running.failures)


def test_mlflow_down(stack: Stack) -> None:
    """Serving goes on and /status says so; MLflow is started again."""
    assert stack.process is not None
    children = psutil.Process(stack.process.pid).children()
    [mlflow] = [child for child in children if "mlflow" in " ".join(child.cmdline())]
    os.killpg(mlflow.pid, signal.SIGKILL)
    stack.wait_for(
        "/status says that the registry is down",
        lambda: stack.status()["steward"]["registry"]["reachable"] is False,
        20,
    )
    answer = httpx.post(f"{stack.url}/rank", json=stack.example())
    assert answer.status_code == 200
    stack.wait_for(
        "the registry is back", lambda: stack.status()["steward"]["registry"]["reachable"] is True, 90
    )
