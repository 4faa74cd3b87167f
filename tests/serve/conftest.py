"""One running system for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import httpx
import pytest

from tests.serve.stack import ROOT, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The flights, trained, registered, promoted and served."""
    folder = tmp_path_factory.mktemp("stack")
    live = folder / "live.yaml"
    shutil.copy(ROOT / "experiments" / "live.yaml", live)
    declared = (ROOT / "models" / "ranker.toml").read_text()
    smaller = folder / "ranker.toml"  # the same ranker with fewer trees: two trainings in a minute less
    smaller.write_text(declared.replace("trees = 300", "trees = 60"))
    running = Stack(folder / "home", ranker=smaller, experiments=live)
    running.start()
    running.wait_for("all workers serve both versions", lambda: _both(running), 30)
    yield running
    running.stop()


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
