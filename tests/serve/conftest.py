"""One running system for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.serve.stack import ROOT, Stack


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The flights, trained, registered, promoted and served."""
    folder = tmp_path_factory.mktemp("stack")
    live = folder / "live.yaml"
    shutil.copy(ROOT / "experiments" / "live.yaml", live)
    declared = (ROOT / "models" / "ranker.toml").read_text()
    smaller = folder / "ranker.toml"  # the same ranker with fewer trees: two trainings in a minute less
    smaller.write_text(declared.replace("trees = 300", "trees = 60"))
    found = Stack(folder / "home", ranker=smaller, experiments=live)
    try:
        found.start()
        found.wait_for("all workers serve both versions", lambda: _both(found), 90)
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def stack(running: Stack) -> Iterator[Stack]:
    """The running system, which each file of tests leaves as it found it."""
    before = _served(running)
    yield running
    running.wait_for(f"left as it was found: {before}", lambda: _served(running) == before, 60)


def _served(stack: Stack) -> dict[str, Any]:
    """What must be the same after a file of tests: versions, experiments, stops; all workers follow."""
    found = stack.status()
    state = found["state"]
    return {
        "versions": state["versions"],
        "experiments": state["experiments"],
        "stopped": state["stopped"],
        "acknowledged": found["acknowledged"],
        "registry": found["steward"]["registry"]["reachable"],
    }


def _both(stack: Stack) -> bool:
    found = stack.status()
    state = found["state"]
    return bool(state and len(state["versions"]) == 2 and found["acknowledged"])


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    """An HTTP client of the running service."""
    with httpx.Client(base_url=stack.url, timeout=10) as http:
        yield http


@pytest.fixture
def live_as_before(stack: Stack) -> Iterator[None]:
    """Whatever a test does to live.yaml is taken back after it."""
    text, digest = stack.experiments.read_text(), stack.status()["state"]["experiments"]
    yield
    stack.experiments.write_text(text)
    stack.wait_for("the first live.yaml is back", lambda: stack.serves(digest), 20)
