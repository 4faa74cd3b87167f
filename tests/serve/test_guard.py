"""Faults planted under load: how many answers were wrong, when it tripped, what served then."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from bentos.home.state import Home
from models.catalogue.catalogue import Catalogue, write_catalogue
from models.declaration.declaration import read
from models.registry import Registry
from models.table.requests import real_requests
from tests.overwrite import overwrite
from tests.serve.load import Load, load
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

PATIENCE = 60.0
TABLE: list[tuple[str, ...]] = []


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    """Print what was measured."""
    yield
    for row in TABLE:
        print("| " + " | ".join(row) + " |")


@pytest.fixture
def home(stack: Stack) -> Home:
    return Home(stack.home / "flights")


@pytest.fixture
def registry(stack: Stack) -> Registry:
    return Registry(f"http://127.0.0.1:{stack.mlflow_port}")


@dataclass
class Fault:
    """A fault under load. `expected` holds each version's scores of the one body that is sent."""

    stack: Stack
    running: Load
    expected: dict[str, dict[str, float]]
    candidates: list[str]
    planted: float = 0.0

    def wrong(self) -> list[dict[str, Any]]:
        """Answers with scores that are not their version's."""
        return [
            answer
            for _, answer in self.running.answers
            if answer["fallback"] is None and scores_of(answer) != self.expected[answer["model"]]
        ]

    def after(self, moment: float) -> list[dict[str, Any]]:
        return [answer for at, answer in self.running.answers if at > moment]

    def tell(self, name: str, seconds: float, served: str) -> None:
        count = len(self.after(self.planted))
        TABLE.append((name, f"{len(self.wrong())} of {count:,}", f"{seconds:.1f} s", served))


def scores_of(answer: dict[str, Any]) -> dict[str, float]:
    return dict(zip(answer["items"], answer["scores"], strict=True))


@pytest.fixture
def fault(stack: Stack) -> Iterator[Fault]:
    """Load on the running system, when each version's scores are known."""
    body = stack.example()
    body.pop("request_id", None)
    with httpx.Client(base_url=stack.url, timeout=10) as http:
        asked = (http.post("/rank", json=body | {"unit": f"unit-{number}"}).json() for number in range(200))
        expected = {answer["model"]: scores_of(answer) for answer in asked if answer["fallback"] is None}
    assert set(expected) == {"flights/1", "flights/2"}
    with load(stack.url, body) as running:
        time.sleep(1)
        yield Fault(stack, running, expected, body["candidates"])


def stopped(stack: Stack) -> dict[str, Any]:
    """What is stopped, as /status says it."""
    return dict(stack.status()["steward"].get("guard", {}))


def done(stack: Stack, subject: str) -> str | None:
    """What was done about it; "being stopped" for a moment."""
    return stopped(stack).get(subject, {}).get("done")


def settled(stack: Stack, champion: str = "1", challenger: str = "2") -> Callable[[], bool]:
    def yes() -> bool:
        found = stack.status()
        wanted = {"@champion": champion, "@challenger": challenger}
        return bool(found["acknowledged"] and found["state"]["versions"] == wanted)

    return yes


def cleared(stack: Stack, subject: str) -> None:
    done = stack.run("guard", "clear", subject, "--by", "ann", "--reason", "planted by a test")
    assert done.returncode == 0, done.stderr


@pytest.fixture(autouse=True)
def whole(stack: Stack, home: Home, registry: Registry) -> Iterator[Callable[..., None]]:
    """Files that are named get their content back after a test; stops are cleared, aliases are as before."""
    kept: dict[Path, bytes] = {}
    current = (home.catalogue / "current").read_text()

    def keep(*paths: Path) -> None:
        kept.update((path, path.read_bytes()) for path in paths)

    yield keep
    for path, content in kept.items():
        overwrite(path, content)
    (home.catalogue / "current").write_text(current)
    registry.set_alias("flights", "champion", "1")
    registry.set_alias("flights", "challenger", "2")
    for subject in stopped(stack):
        cleared(stack, subject)
    as_before = settled(stack)
    stack.wait_for("all is as before", lambda: as_before() and not stopped(stack), PATIENCE)
    time.sleep(3)
    assert not stopped(stack), "nor said again by answers that the Steward had not read when it was cleared"


def test_a_model_file_swapped_on_disk(
    stack: Stack, home: Home, registry: Registry, fault: Fault, whole: Callable[..., None]
) -> None:
    """What serves is in memory and serves on, until a worker must load the file; then the newest that passed
    serves everywhere. No answer is wrong."""
    registry.set_alias("flights", "champion", "2")
    registry.set_alias("flights", "challenger", "1")
    stack.wait_for("version 2 is champion", settled(stack, "2", "1"), PATIENCE)
    model = home.version("2") / "model.cb"
    whole(model)
    overwrite(model, (home.version("1") / "model.cb").read_bytes())
    stack.wait_for("it is said", lambda: "serves on" in str(done(stack, "2")), 20)
    assert stack.status()["state"]["versions"] == {"@champion": "2", "@challenger": "1"}
    time.sleep(3)
    assert stack.status()["steward"]["guard_failures"] == {}, (
        "what is proven in memory is scored again from memory"
    )
    fault.planted = time.monotonic()
    os.kill(stack.status()["workers"][0]["pid"], signal.SIGKILL)
    took = stack.wait_for(
        "version 1 serves all", settled_on(stack, {"@champion": "1", "@challenger": "1"}), 60
    )
    since = time.monotonic()
    time.sleep(0.5)
    fault.tell("model file swapped", took, "version 1")
    assert fault.wrong() == []
    assert not [each for each in fault.running.failures if not each.endswith("Error")]
    assert {answer["model"] for answer in fault.after(since)} == {"flights/1"}
    stack.wait_for("it is said", lambda: done(stack, "2") == "version 1 serves", 10)
    assert "model.cb" in stopped(stack)["2"]["evidence"]
    shown = json.loads(stack.run("guard", "--json").stdout)
    assert [each["subject"] for each in shown["stopped"]] == ["2"]
    assert "order against outcomes" in shown["watched"]["1"]["quantities"]
    stack.wait_for("MLflow has the tag", lambda: tag(registry, "2") == "stopped", PATIENCE)


def tag(registry: Registry, version: str) -> str | None:
    return registry.version("flights", version).tags.get("ballast.guard")


def settled_on(stack: Stack, versions: dict[str, str]) -> Callable[[], bool]:
    def yes() -> bool:
        found = stack.status()
        return bool(found["acknowledged"] and found["state"]["versions"] == versions)

    return yes


def test_a_catalogue_overwritten_in_place(
    stack: Stack, home: Home, fault: Fault, whole: Callable[..., None]
) -> None:
    """Workers have the pages mapped, and let go of them before they are written into: no answer is wrong."""
    snapshot = stack.status()["state"]["snapshot"]
    files = [home.catalogue / snapshot / name for name in ("numeric.npy", "codes.npy")]
    whole(*files)
    good = [path.read_bytes() for path in files]
    fault.planted = time.monotonic()
    for path, content in zip(files, good, strict=True):
        overwrite(path, bytes(len(content) - 128), at=128)
    took = stack.wait_for("no version scores", lambda: bool(distrusted(stack)), 20)
    since = time.monotonic()
    time.sleep(0.5)
    fault.tell("catalogue overwritten in place", took, "as given (there is one snapshot)")
    assert fault.wrong() == fault.running.failures == []
    last = fault.after(since)
    assert last
    assert all(answer["fallback"].startswith("stopped by the guard: catalogue files") for answer in last)
    assert all(answer["items"] == fault.candidates for answer in last if not answer["explored"])
    for path, content in zip(files, good, strict=True):
        overwrite(path, content)
    cleared(stack, snapshot)
    stack.wait_for("it serves again", lambda: settled(stack)() and not distrusted(stack), PATIENCE)

    def asked() -> dict[str, Any]:
        return dict(httpx.post(f"{stack.url}/rank", json=stack.example()).json())

    stack.wait_for(
        "every worker scores again", lambda: all(asked()["fallback"] is None for _ in range(8)), PATIENCE
    )
    answer = asked()
    assert scores_of(answer) == fault.expected[answer["model"]]


def distrusted(stack: Stack) -> str:
    """Why no version may score, once every worker knows."""
    found = stack.status()
    return str(found["state"]["distrusted"]) if found["acknowledged"] else ""


def test_a_feed_with_an_inverted_column(stack: Stack, home: Home, fault: Fault) -> None:
    """A new snapshot is looked at before any worker takes it."""
    good = stack.status()["state"]["snapshot"]
    own = Catalogue.open(home.catalogue / good)
    numeric = dict(zip(own.numeric_names, np.array(own.numeric), strict=True))
    numeric["hour_carrier"] = np.nanmax(numeric["hour_carrier"]) - numeric["hour_carrier"]
    words = {
        name: [None if code < 0 else vocabulary[code] for code in codes]
        for name, vocabulary, codes in zip(own.categorical_names, own.vocabularies, own.codes, strict=True)
    }
    broken = write_catalogue(home.catalogue, own.ids(np.arange(own.size)), numeric, words, time.time())
    fault.planted = time.monotonic()
    (home.catalogue / "current").write_text(broken)
    took = stack.wait_for("the snapshot is refused", lambda: broken in stopped(stack), 20)
    time.sleep(1)
    fault.tell("inverted column in the feed", took, "the snapshot before")
    assert fault.wrong() == fault.running.failures == []
    assert "hour_carrier: it is upside down" in stopped(stack)[broken]["why"]
    assert stack.status()["state"]["snapshot"] == good


def test_context_that_stands_still(stack: Stack) -> None:
    """Real requests whose context does not move from the second day on: the feed's fault, no version's."""
    declared, moved = read(stack.ranker), 86400.0
    start = 1_365_422_400.0  # 2013-04-08
    requests = list(real_requests(declared, stack.home, since=start, until=start + 3 * moved))
    frozen, answers, said = requests[0].context, 0, None
    with httpx.Client(base_url=stack.url, timeout=10) as http:
        for request in requests:
            late = request.time >= start + moved
            body = {"unit": "u", "candidates": request.items, "time": request.time}
            answer = http.post("/rank", json=body | {"context": frozen if late else request.context})
            assert answer.status_code == 200
            assert answer.json()["fallback"] is None
            answers += late
            time.sleep(0.02)
            if late and said is None and "context stands still" in stopped(stack):
                said = (request.time - start - moved) / 3600
                break
    stack.wait_for("it is said", lambda: "context stands still" in stopped(stack), 10)
    found = stopped(stack)["context stands still"]
    assert found["done"] == "it is not the version: the champion keeps serving"
    assert settled(stack)()
    hours = "the three days" if said is None else f"{said:.0f} h of event time"
    TABLE.append(("context frozen", f"{answers} of {answers}", hours, "the champion (it is not the version)"))


def test_nothing_is_left(home: Home) -> None:
    assert not list(Path(home.guard / "stops").glob(".*.tmp"))
