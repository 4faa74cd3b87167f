"""Moving an alias changes what is served: gated, whole, on every worker, under load."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.registry import Registry
from tests.serve.load import load
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

SECONDS = 5.0  # the promise; tests allow for a loaded machine
PATIENCE = 30.0


@pytest.fixture
def registry(stack: Stack) -> Registry:
    return Registry(f"http://127.0.0.1:{stack.mlflow_port}")


@pytest.fixture(autouse=True)
def _as_before(stack: Stack, registry: Registry) -> Iterator[None]:
    """Every test leaves version 1 as champion and 2 as challenger."""
    yield
    registry.set_alias("flights", "champion", "1")
    registry.set_alias("flights", "challenger", "2")
    stack.wait_for("the first versions serve again", lambda: _serves(stack, "1", "2"), PATIENCE)


def _serves(stack: Stack, champion: str, challenger: str) -> bool:
    found = stack.status()
    wanted = {"@champion": champion, "@challenger": challenger}
    return bool(found["acknowledged"] and found["state"]["versions"] == wanted)


def test_an_alias_moved_under_load(stack: Stack, registry: Registry) -> None:
    """No failed answer, no mixed one, every worker acknowledges, and soon."""
    body = stack.example() | {"request_id": None}
    with load(stack.url, body) as running:
        time.sleep(1)
        registry.set_alias("flights", "champion", "2")
        registry.set_alias("flights", "challenger", "1")
        moved = time.monotonic()
        took = stack.wait_for("the new champion serves", lambda: _serves(stack, "2", "1"), PATIENCE)
        print(f"alias to acknowledgement by every worker: {took:.1f} s (promised: {SECONDS} s)")
        time.sleep(1)
    assert running.failures == []
    assert len(running.answers) > 100
    by_model: dict[str, set[str]] = {}
    for _, answer in running.answers:
        scores = dict(zip(answer["items"], answer["scores"], strict=True))
        by_model.setdefault(answer["model"], set()).add(json.dumps(scores, sort_keys=True))
    assert {model: len(seen) for model, seen in by_model.items()} == {"flights/1": 1, "flights/2": 1}
    champions = {
        answer["model"]
        for at, answer in running.answers
        if at > moved + took and answer["arms"]["challenger"] == "champion"
    }
    assert champions == {"flights/2"}
    assert len([worker for worker in stack.status()["workers"] if worker["kind"] == "ranker"]) >= 1


def test_promote_and_rollback(stack: Stack) -> None:
    """`ballast promote` waits until all workers serve; `ballast rollback` goes back."""
    promoted = stack.run("promote", "2")
    assert promoted.returncode == 0, promoted.stderr
    assert _serves(stack, "2", "2")
    back = stack.run("rollback")
    assert back.returncode == 0, back.stderr
    assert _serves(stack, "1", "2")


def _broken(stack: Stack, folder: Path) -> Path:
    """The champion's package with its features in another order than its model has."""
    package = folder / "broken"
    shutil.copytree(stack.home / "flights" / "versions" / "1", package)
    declaration = json.loads((package / "declaration.json").read_text())
    declaration["features"]["numeric"].reverse()
    (package / "declaration.json").write_text(json.dumps(declaration))
    return package


def test_a_version_that_fails_the_gate_stays_out(stack: Stack, registry: Registry, tmp_path: Path) -> None:
    """The champion keeps serving; the reasons are tags on the version, and the command says them."""
    version = registry.log_version(_broken(stack, tmp_path))
    refused = stack.run("promote", version)
    assert refused.returncode == 2

    def tags() -> dict[str, str]:
        return dict(registry.version("flights", version).tags)

    stack.wait_for("MLflow was told", lambda: {"ballast.gate", "ballast.reasons"} <= tags().keys(), PATIENCE)
    assert tags()["ballast.gate"] == "reject"
    assert "declaration" in tags()["ballast.reasons"]
    assert "reject" in refused.stdout + refused.stderr
    assert stack.status()["state"]["versions"]["@champion"] == "1"
