"""The Steward's service: cheap to depend on, one per ranker, and alive whatever is gone."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from bentos.control.experiments.rollout_loop import AT_MOST, EVERY
from bentos.home.lock import Lock
from bentos.home.state import Home
from bentos.home.steward_report import read_report
from bentos.settings import settings
from bentos.steward import Loop, Steward


def test_the_service_is_cheap_to_import() -> None:
    """The Ranker imports the Steward to depend on it: neither MLflow nor pandas nor CatBoost comes along."""
    slow = "mlflow", "pandas", "catboost", "matplotlib", "duckdb", "pyarrow", "sklearn"
    slow += (
        "scipy.stats",
        "scipy.special",
        "scipy.optimize",
    )  # numba imports the bare package
    code = f"import sys, bentos.steward; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_loop_holds_the_lock_and_another_waits(deployed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second Steward of the same ranker does nothing until the first one ends; then it takes over."""
    monkeypatch.setenv("BALLAST_MLFLOW_URI", "http://127.0.0.1:9")
    settings.cache_clear()
    lock = Lock(deployed.folder / "steward.lock")
    assert lock.take()
    loop = Loop()
    loop.start()
    time.sleep(0.3)
    assert loop.running
    assert read_report(deployed) is None
    lock.release()
    wait(lambda: read_report(deployed) is not None)
    assert not lock.take()
    loop.stop()
    wait(lambda: not loop.running)
    assert lock.take()
    lock.release()


def test_a_loop_that_waits_can_be_stopped(deployed: Home) -> None:
    """It never had the lock, and does not take it."""
    lock = Lock(deployed.folder / "steward.lock")
    assert lock.take()
    loop = Loop()
    loop.start()
    loop.stop()
    wait(lambda: not loop.running)
    assert lock.held
    lock.release()


def test_a_registry_that_is_gone_ends_no_loop(deployed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service says that it is alive, and its report says what is wrong."""
    monkeypatch.setenv("BALLAST_MLFLOW_URI", "http://127.0.0.1:9")
    settings.cache_clear()
    stepped_back: list[bool] = []
    monkeypatch.setattr("bentos.steward.process_behind", lambda: stepped_back.append(True))
    service = Steward.inner()  # type: ignore[attr-defined]
    service.follow()
    wait(lambda: (report := read_report(deployed)) is not None and report.problems)
    assert service.alive()
    wait(lambda: stepped_back == [True])
    names = {thread.name for thread in threading.enumerate()}
    assert {"steward", "rollouts", "compact", "guard", "hung workers"} <= names
    service.unfollow()
    wait(lambda: not service.alive())


def test_judging_rollouts_takes_a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause is nine times and more what the last look took, and never less than the interval."""
    loop, pauses = Loop(), []
    clock = iter([0.0, 0.5, 100.0, 130.0])
    monkeypatch.setattr("bentos.steward.time.monotonic", lambda: next(clock))

    class Ended:
        def wait(self, seconds: float) -> bool:
            pauses.append(seconds)
            return len(pauses) == 3

    loop._stop = Ended()  # type: ignore[assignment]
    loop._roll(SimpleNamespace(look=lambda: None))  # type: ignore[arg-type]
    assert pauses == [EVERY, EVERY, 30.0 / AT_MOST]
