"""Editing live.yaml: picked up by every worker; an invalid edit changes nothing."""

from __future__ import annotations

import httpx
import pytest

from tests.serve.load import load
from tests.serve.stack import Stack

pytestmark = [pytest.mark.usefixtures("live_as_before"), pytest.mark.shares("serve")]
PATIENCE = 15.0  # the promise is 2 s; a loaded machine gets more


def _share(stack: Stack) -> set[float]:
    """The exploration shares that workers serve now; each connection may reach another worker."""
    found = [httpx.get(f"{stack.url}/experiments").json() for _ in range(8)]
    return {each["live"]["exploration"]["share"] for each in found}


def _acknowledged(stack: Stack, epoch: int) -> bool:
    found = stack.status()
    return bool(found["acknowledged"] and found["state"]["epoch"] > epoch)


def test_an_edit_reaches_every_worker(stack: Stack) -> None:
    """Under load, without a failed answer; records carry the old digest or the new, with its own arms."""
    epoch = stack.status()["state"]["epoch"]
    text = stack.experiments.read_text()
    with load(stack.url, stack.example()) as running:
        stack.experiments.write_text(
            text.replace(
                "weight: 0.5}\n          - {name: challenger", "weight: 0.0}\n          - {name: challenger"
            )
            .replace('"@challenger", weight: 0.5', '"@challenger", weight: 1.0')
            .replace("share: 0.01", "share: 0.02")
        )
        took = stack.wait_for("every worker serves the edit", lambda: _acknowledged(stack, epoch), PATIENCE)
        print(f"edit to acknowledgement by every worker: {took:.1f} s (promised: 2 s)")
        count = len(running.answers)
        stack.wait_for("answers after the edit", lambda: len(running.answers) > count + 50, PATIENCE)
    assert running.failures == []
    assert _share(stack) == {0.02}
    assert {answer["arms"]["challenger"] for _, answer in running.answers[-40:]} == {"challenger"}
    digest = stack.status()["state"]["experiments"]
    after = {answer["request_id"]: digest for _, answer in running.answers[-40:]}
    for record in stack.decisions():
        if record["request_id"] in after:
            assert record["experiments"] == after[record["request_id"]]


def test_an_invalid_edit_is_refused_with_its_line(stack: Stack) -> None:
    """The last good file stays, and /status says line and rule."""
    before = stack.status()["state"]["experiments"]
    text = stack.experiments.read_text()
    wrong = text.replace("weight: 0.5", "weight: 0.7", 1)
    line = next(n for n, row in enumerate(wrong.splitlines(), 1) if "variants:" in row)
    stack.experiments.write_text(wrong)
    stack.wait_for("the refusal shows in /status", lambda: stack.status()["problems"], PATIENCE)
    told = " ".join(stack.status()["problems"])
    assert f"live.yaml:{line}" in told
    assert "weight" in told
    assert stack.status()["state"]["experiments"] == before
    assert _share(stack) == {0.01}
