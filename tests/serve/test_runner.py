"""The same answers in process, from the adaptive-batching Scorer, and from a built bento."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from bentos.home.state import Home
from models.catalogue.catalogue import Catalogue
from tests.bench.client import Connection, Load, Target
from tests.serve.second import served
from tests.serve.stack import ROOT, Stack
from tests.serve.test_offline import asked, changed

pytestmark = pytest.mark.shares("serve")

DRAFTED = [
    ("name: challenger\n", "name: drafts\n"),
    ("salt: challenger-1", "salt: drafts-1\n        mode: interleave"),
    ('model: "@champion", weight: 0.5', 'model: "@champion"'),
    ('model: "@challenger", weight: 0.5', 'model: "@challenger"'),
]
COMPARED = ("items", "scores", "propensities", "model", "arms", "explored", "fallback", "unknown")


def _bodies(stack: Stack) -> list[dict[str, Any]]:
    """Requests of changing sizes, units and contexts; some candidates are unknown, some answers explored."""
    whole = stack.example("--at", "2013-04-02T08")
    return [_body(whole, number) for number in range(300)]


def _body(whole: dict[str, Any], number: int) -> dict[str, Any]:
    candidates = whole["candidates"][: 1 + number % len(whole["candidates"])]
    fields = enumerate(whole["context"].items())
    return {
        "request_id": f"same-{number}",
        "unit": f"v{number}",
        "candidates": candidates + (["nowhere"] if number % 7 == 0 else []),
        "context": {name: value for place, (name, value) in fields if (place + number) % 5},
    }


def _answers(url: str, bodies: list[dict[str, Any]], connections: int) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        limits = httpx.Limits(max_connections=connections)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as http:
            answers = await asyncio.gather(*(http.post("/rank", json=body) for body in bodies))
        return [answer.json() for answer in answers]

    return asyncio.run(run())


def _same(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    for one, other in zip(left, right, strict=True):
        assert {name: one[name] for name in COMPARED} == {name: other[name] for name in COMPARED}


def _said(body: bytes) -> bytes:
    """An answer up to its problems: what a guard has found of the odd contexts here is its server's own."""
    said, problems, _ = body.partition(b',"problems":')
    assert problems, body[:500]
    return said


class _Compared(Load):
    """A closed loop that counts the answers which are not, byte for byte, those of another server."""

    def __init__(self, url: str, bodies: list[bytes], expected: list[bytes]) -> None:
        super().__init__(Target(int(url.rpartition(":")[2]), "/rank", bodies))
        self.expected = expected
        self.wrong: list[bytes] = []

    def _count(self, connection: Connection, status: int, answer: bytes) -> None:
        super()._count(connection, status, answer)
        if status == 200 and _said(answer.partition(b"\r\n\r\n")[2]) != self.expected[connection.number]:
            self.wrong.append(answer)


def _many(stack: Stack) -> list[bytes]:
    """400 requests of 1 to 3,000 candidates, most of them small, of units on both sides of the split."""
    draw = np.random.default_rng(3)
    home = Home(stack.home / "flights")
    catalogue = Catalogue.open(home.catalogue / home.current_catalogue.read_text().strip())
    sizes = np.minimum(3000, np.exp(draw.normal(3, 1.6, 400))).astype(int) + 1
    bodies = []
    for number, size in enumerate(sizes.tolist()):
        rows = draw.choice(catalogue.size, min(size, catalogue.size), replace=False)
        one = {"request_id": f"many-{number}", "unit": f"v{number}", "candidates": catalogue.ids(rows)}
        bodies.append(orjson.dumps(one))
    return bodies


def _flood(stack: Stack, url: str, most: int) -> None:
    bodies = _many(stack)
    with httpx.Client(base_url=stack.url, timeout=20) as http:
        answers = [http.post("/rank", content=body).content for body in bodies]
    models = {orjson.loads(answer)["model"] for answer in answers}
    load = _Compared(url, bodies, [_said(answer) for answer in answers])
    tally = asyncio.run(load.closed(32, 0, seconds=150, most=most))
    print(f"{tally.answered} answers in {tally.seconds:.0f} s, p50 and p99", end=" ")
    print(*(f"{1000 * value:.1f} ms" for value in np.quantile(tally.latencies, (0.5, 0.99))))
    assert len(models) == 2
    assert (set(tally.statuses), tally.broken) == ({200}, 0), tally.statuses
    assert tally.answered >= most
    assert not load.wrong, load.wrong[0][:500]


def _drafts(stack: Stack, url: str) -> None:
    """Two rankers draft the same slates wherever they are scored; the coins are on record, and analysed."""
    example = stack.example()
    bodies = [example | {"unit": f"v{n}", "request_id": f"draft-{n}"} for n in range(60)]
    with changed(stack, *DRAFTED):
        epoch = stack.status()["state"]["epoch"]
        embedded, remote = _answers(stack.url, bodies, 8), _answers(url, bodies, 8)
        for body in bodies:
            outcomes = [{"item": item, "value": n % 3} for n, item in enumerate(body["candidates"])]
            told = {"request_id": body["request_id"], "outcomes": outcomes}
            assert httpx.post(f"{stack.url}/feedback", json=told).status_code == 200
        found = asked(stack, "experiment", "analyze", "drafts")
    _same(embedded, remote)
    assert {answer["arms"]["drafts"] for answer in embedded} == {"interleaved"}
    assert {answer["fallback"] for answer in embedded} == {None}
    drafts = [r for r in stack.decisions() if r["epoch"] == epoch and not r["explored"]]
    assert len(drafts) > len(bodies), "both servers recorded theirs"
    for record in drafts:
        assert len({each["model"] for each in record["rankers"]}) == 2
        assert set(record["team"]) <= {0, 1, -1, None}
        assert len(record["team"]) == len(record["slate"])
    assert len({tuple(record["slate"]) for record in drafts}) > 5
    assert found["mode"] == "interleave"
    assert found["credits"][0]["requests"] + sum(found["left_out"].values()) == len(bodies)
    assert found["text"].startswith("can't say: too few units: ")


@pytest.mark.parametrize("most", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_the_batching_runner_gives_identical_answers(stack: Stack, tmp_path: Path, most: int) -> None:
    """To the last bit, at 32 connections, for good requests and bad; thousands of them without one error."""
    bodies = _bodies(stack)
    embedded = _answers(stack.url, bodies, 8)
    with served(stack, tmp_path, BALLAST_RUNNER="remote", BALLAST_WORKERS="1") as url:
        assert httpx.get(f"{url}/status").json()["runner"] == "remote"
        remote = _answers(url, bodies, 32)
        bad = {**bodies[0], "context": {"wind_speed": "strong"}}
        _flood(stack, url, most)
        _drafts(stack, url)
        refusals = [httpx.post(f"{base}/rank", json=bad) for base in (stack.url, url)]
    _same(embedded, remote)
    assert {answer["explored"] for answer in embedded} == {True, False}
    assert refusals[0].status_code == refusals[1].status_code == 422
    assert refusals[0].json() == refusals[1].json()


def test_a_built_bento_serves_from_an_empty_folder(stack: Stack, tmp_path: Path) -> None:
    """`bentoml build`, then `bentoml serve` elsewhere with BALLAST_HOME set: the same answers."""
    home = tmp_path / "bentoml"
    built = subprocess.run(
        [sys.executable, "-m", "bentoml", "build", str(ROOT), "-o", "tag"],
        env={**os.environ, "BENTOML_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    tag = built.stdout.strip().splitlines()[-1].removeprefix("__tag__:")
    bodies = _bodies(stack)[:50]
    with served(stack, tmp_path, tag, home, BALLAST_WORKERS="1") as url:
        _same(_answers(stack.url, bodies, 4), _answers(url, bodies, 4))
