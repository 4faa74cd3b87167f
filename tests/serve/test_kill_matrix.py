"""Every process killed or stood still under load: nothing answered is lost, and all of it comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest

from tests.models.tables import DECLARED, declared, shop
from tests.serve.load import Load, load
from tests.serve.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.shares("own")]

LIVE = """
version: 1
unit: viewer
default: "@champion"
exploration: {share: 0.01, policy: uniform, salt: explore-1, per: request}
"""
WORKERS = 2
BACK = 120.0  # seconds on a loaded machine; 15 on an idle one
SILENT = 30.0  # seconds that /status may take while a worker that held its connection stands still


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("matrix")
    own = declared(folder, _table(), DECLARED)
    (folder / "live.yaml").write_text(LIVE)
    stack = Stack(
        folder / "home",
        ranker=folder / Path(own.file).name,
        experiments=folder / "live.yaml",
        settings={"BALLAST_WORKERS": str(WORKERS)},
    )
    stack.start()
    if not stack.status()["acknowledged"]:
        assert stack.run("override", "1", "--why", "it is killed, not judged").returncode == 0
    stack.wait_for("all workers serve", lambda: _well(stack), BACK)
    yield stack
    stack.stop()


def _table() -> pd.DataFrame:
    """Requests whose best items are the cheap ones, by prices that are the items' own."""
    frame = shop(800, 12)
    draw = np.random.default_rng(3)
    price = frame["product"] * 7 % 40 / 40
    worth = frame["load"] - price - frame["product"] % 9 / 9 + 0.5 * draw.standard_normal(len(frame))
    return frame.assign(
        price=price,
        age=frame["product"] % 9,
        country=np.array(["at", "ch", "de"])[frame["product"] % 3],
        stars=np.digitize(worth, [-0.6, 0.2, 0.8]),
    )


def _pids(stack: Stack, name: str) -> list[int]:
    """The processes of a kind, the oldest first."""
    assert stack.process is not None
    whole = psutil.Process(stack.process.pid).children(recursive=True)
    marks = {
        "ranker": "--service-name ranker",
        "scorer": "--service-name scorer",
        "steward": "--service-name steward",
        "bentoml": "-m bentoml serve",
        "mlflow": "models.registry.server_process",
    }
    found = [each for each in whole if marks[name] in _line(each)]
    return [each.pid for each in sorted(found, key=lambda each: each.create_time())]


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _well(stack: Stack) -> bool:
    try:
        found = httpx.get(f"{stack.url}/status", timeout=5).json()
    except (httpx.HTTPError, ValueError):
        return False
    rankers = [each for each in found["workers"] if each["kind"] == "ranker"]
    return bool(
        found["acknowledged"] and len(rankers) == WORKERS and found["steward"]["registry"]["reachable"]
    )


@contextmanager
def _asked(stack: Stack) -> Iterator[list[float]]:
    """Asks for /status each second; the seconds that each answer took, infinite where there was none."""
    took: list[float] = []
    done = threading.Event()

    def ask() -> None:
        while not done.wait(1):
            started = time.monotonic()
            try:
                answer = httpx.get(f"{stack.url}/status", timeout=SILENT)
                took.append(time.monotonic() - started if answer.status_code == 200 else float("inf"))
            except httpx.ConnectError:
                took.append(0.0)  # nobody listens, which is an answer too
            except httpx.RemoteProtocolError:
                took.append(time.monotonic() - started)  # the worker that had the connection was killed
            except httpx.HTTPError:
                took.append(float("inf"))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield took
    finally:
        done.set()
        thread.join(SILENT + 5)


def _once(stack: Stack, running: Load) -> None:
    """Every answered request is in the log once."""
    records = Counter(record["request_id"] for record in stack.decisions())
    answered = [answer["request_id"] for _, answer in running.answers]
    assert answered
    assert [name for name in answered if records[name] != 1] == []
    assert [failure for failure in running.failures if failure.startswith("500")] == []


CASES = [
    (name, number)
    for name in ("scorer", "mlflow", "steward", "ranker")
    for number in (signal.SIGKILL, signal.SIGSTOP)
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "number"), CASES, ids=lambda each: getattr(each, "name", each))
def test_one_process_ends_or_stands_still(shops: Stack, name: str, number: signal.Signals) -> None:
    """Each of its kind, one after the other. What stands still unwatched goes on when it is told to."""
    with load(shops.url, shops.example(), connections=4) as running, _asked(shops) as took:
        found = _pids(shops, name)
        assert found
        for pid in found:
            os.kill(pid, number)
            time.sleep(5)
            watched = name in {"ranker", "steward"} or number is signal.SIGKILL
            if not watched:
                os.kill(pid, signal.SIGCONT)
            shops.wait_for(
                f"{name} {pid} is replaced",
                lambda: _well(shops) and (not watched or _replaced(shops, name, pid, len(found))),  # noqa: B023
                BACK,
            )
        before = len(running.answers)
        shops.wait_for("it answers", lambda: len(running.answers) > before, 30)
    print(
        f"{name} {number.name}: {len(running.answers)} answered, {Counter(running.failures)}, "
        f"/status {max(took):.1f} s at most"
    )
    assert max(took) < SILENT
    _once(shops, running)


def _replaced(stack: Stack, name: str, pid: int, count: int) -> bool:
    now = _pids(stack, name)
    return pid not in now and len(now) == count


def _killed_whole(stack: Stack, choose: Callable[[], int]) -> None:
    assert stack.process is not None
    mine = psutil.Process(stack.process.pid).children(recursive=True)
    with load(stack.url, stack.example(), connections=4) as running:
        time.sleep(2)
        os.kill(choose(), signal.SIGKILL)
        stack.process.wait(60)
        _, left = psutil.wait_procs(mine, 30)
    assert [_line(each) for each in left] == []
    _once(stack, running)
    stack.start()
    stack.wait_for("all workers serve", lambda: _well(stack), BACK)


@pytest.mark.timeout(600)
def test_bentoml_s_parent_is_killed_and_the_next_up_starts(shops: Stack) -> None:
    _killed_whole(shops, lambda: _pids(shops, "bentoml")[0])


@pytest.mark.timeout(600)
def test_up_itself_is_killed_and_the_next_up_starts(shops: Stack) -> None:
    assert shops.process is not None
    pid = shops.process.pid
    _killed_whole(shops, lambda: pid)


@pytest.mark.timeout(600)
def test_bentoml_s_parent_stands_still(shops: Stack) -> None:
    """Workers serve on; what it should have started anew in the meantime comes when it goes on."""
    [parent] = _pids(shops, "bentoml")
    with load(shops.url, shops.example(), connections=4) as running, _asked(shops) as took:
        os.kill(parent, signal.SIGSTOP)
        time.sleep(8)
        during = len(running.answers)
        shops.wait_for("it answers meanwhile", lambda: len(running.answers) > during, 30)
        os.kill(parent, signal.SIGCONT)
        shops.wait_for("all is well", lambda: _well(shops), BACK)
    assert max(took) < SILENT
    _once(shops, running)
