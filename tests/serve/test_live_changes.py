"""Changing what runs on the whole system: by command and over HTTP, under load, and by the Steward itself."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from tests.serve.load import load
from tests.serve.second import served
from tests.serve.stack import Stack

pytestmark = [pytest.mark.usefixtures("live_as_before"), pytest.mark.shares("serve")]
PATIENCE = 20.0  # the promise is 1 s; a loaded machine gets more
HALF = "weight: 0.5}\n          - {name: challenger"


def _all_to(arm: str, text: str) -> str:
    champion, challenger = ("1.0", "0.0") if arm == "champion" else ("0.0", "1.0")
    moved = text.replace(HALF, HALF.replace("0.5", champion))
    return moved.replace('"@challenger", weight: 0.5', f'"@challenger", weight: {challenger}')


def _compiled(stack: Stack, digest: str) -> Live:
    [file] = stack.home.glob(f"*/experiments/{digest}.json")
    return Live.from_json(file.read_bytes())


def test_an_answer_is_of_one_epoch_or_the_other(stack: Stack, tmp_path: Path) -> None:
    """Two changes under load on all workers: epoch, digest and arms always agree, and all are new at once."""
    text, changed = stack.experiments.read_text(), tmp_path / "changed.yaml"
    moments = []
    with load(stack.url, stack.example() | {"request_id": None}) as running:
        for arm in ("challenger", "champion"):
            changed.write_text(_all_to(arm, text))
            done = stack.run(
                "experiment", "apply", str(changed), "--why", f"all to {arm}", "--by", "ana", "--json"
            )
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
            moments.append((told["epoch"], time.time(), told["seconds"]))
            count = len(running.answers)
            stack.wait_for("answers after it", lambda n=count: len(running.answers) > n + 100, PATIENCE)
    assert running.failures == []
    print(
        f"applied to acknowledged by every worker: {[seconds for *_, seconds in moments]} s (promised: 1 s)"
    )
    records = [each for each in stack.decisions() if each["unit"].startswith("load-")]
    digests = {(each["epoch"], each["experiments"]) for each in records}
    assert len(digests) == len({epoch for epoch, _ in digests})
    plans = {digest: compile_plan(_compiled(stack, digest)) for _, digest in digests}
    for record in records:
        drawn = assign(plans[record["experiments"]], record["unit"], record["attributes"], record["received"])
        assert {arm.experiment: arm.variant for arm in drawn.arms} == {
            arm["experiment"]: arm["variant"] for arm in record["arms"]
        }
    for (epoch, acknowledged, seconds), arm in zip(moments, ("challenger", "champion"), strict=True):
        later = [each for each in records if each["epoch"] < epoch and each["received"] > acknowledged]
        assert later == []
        assert seconds < PATIENCE
        assert {a["variant"] for each in records if each["epoch"] == epoch for a in each["arms"]} == {arm}


def test_put_and_stop(stack: Stack, tmp_path: Path) -> None:
    """Over HTTP with the token, from a second service on the same state; then the switch, and the history."""
    text = stack.experiments.read_text()
    bearer = {"authorization": "Bearer t"}
    with served(stack, tmp_path, BALLAST_WORKERS="1", BALLAST_TOKEN="t") as url:
        assert httpx.put(f"{stack.url}/experiments", content=text).status_code == 405
        now = httpx.get(f"{url}/experiments").json()
        assert now["text"] == text
        content = _all_to("challenger", text)
        query: dict[str, Any] = {"epoch": now["epoch"], "by": "ana", "reason": "try"}
        dry = httpx.put(
            f"{url}/experiments", content=content, params={"dry_run": 1}, headers=bearer, timeout=60
        )
        assert dry.status_code == 200, dry.text
        assert dry.json()["units"] > 0
        put = httpx.put(f"{url}/experiments", content=content, params=query, headers=bearer, timeout=60)
        assert put.status_code == 200, put.text
        late = httpx.put(f"{url}/experiments", content=text, params=query, headers=bearer, timeout=60)
        assert (late.status_code, late.json()["epoch"]) == (412, put.json()["epoch"])
    assert stack.experiments.read_text() == content
    stopped = stack.run("experiment", "stop", "challenger", "--why", "enough", "--by", "ben")
    assert stopped.returncode == 0, stopped.stderr
    assert httpx.post(f"{stack.url}/rank", json=stack.example()).json()["arms"] == {}
    history = json.loads(stack.run("experiment", "history", "--json").stdout)
    assert [(each["by"], each["why"]) for each in history[-2:]] == [("ana", "try"), ("ben", "enough")]


@pytest.mark.slow
def test_a_harmful_rollout_stops_itself(stack: Stack) -> None:
    """Outcomes come in that say the challenger is worse: the Steward stops it, says why, and keeps it so."""
    text = stack.experiments.read_text()
    body = stack.example() | {"request_id": None}
    rolling = text.replace(
        "        primary: ndcg_10\n        guardrails: [reward, fallback]",
        "        primary: reward\n        rollout: {steps: [0.6, 1.0], hold: 1d}",
    ).replace("name: challenger\n        description", "name: rolling\n        description")
    assert rolling != text
    stack.experiments.write_text(rolling)
    stack.wait_for("it is live", lambda: "rolling" in _arms(stack, body), PATIENCE)
    stack.wait_for("it is watched", lambda: stack.status()["steward"]["rollouts"], 60)
    with httpx.Client(base_url=stack.url, timeout=20) as http:
        for number in range(700):
            answer = http.post("/rank", json=body | {"unit": f"rolled-{number}"}).json()
            value = 0.0 if answer["arms"].get("rolling") == "challenger" else 1.0 + number % 2
            outcomes = [{"item": answer["items"][0], "value": value}]
            http.post("/feedback", json={"request_id": answer["request_id"], "outcomes": outcomes})
    took = stack.wait_for("it stopped itself", lambda: not _arms(stack, body), 120)
    print(f"from the last outcome to the stop: {took:.1f} s")
    [problem] = [each for each in stack.status()["problems"] if each.startswith("rollout rolling")]
    assert "challenger: reward -" in problem
    assert "it is worse" in problem
    rollouts = httpx.get(f"{stack.url}/experiments").json()["rollouts"]
    assert rollouts["rolling"]["stopped"]["reason"] in problem
    assert stack.experiments.read_text() == rolling
    stack.wait_for("the alert's metric says so", lambda: _gauge(stack) == 1.0, PATIENCE)
    resumed = stack.run("experiment", "resume", "rolling", "--why", "a test", "--by", "ana")
    assert resumed.returncode == 0, resumed.stderr
    assert _arms(stack, body)


def _arms(stack: Stack, body: dict[str, Any]) -> dict[str, str]:
    """The arms of some unit that is in the experiment when it runs."""
    found: dict[str, str] = {}
    for number in range(12):
        found |= httpx.post(f"{stack.url}/rank", json=body | {"unit": f"asked-{number}"}).json()["arms"]
    return found


def _gauge(stack: Stack) -> float:
    lines = httpx.get(f"{stack.url}/metrics").text.splitlines()
    found = [line for line in lines if line.startswith('ballast_rollout_stopped{experiment="rolling"')]
    return max((float(line.split()[-1]) for line in found), default=0.0)
