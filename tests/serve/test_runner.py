"""The same answers in process, from the adaptive-batching Scorer, and from a built bento."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.serve.second import served
from tests.serve.stack import ROOT, Stack

COMPARED = ("items", "scores", "propensities", "model", "arms", "explored", "fallback", "unknown")


def _bodies(stack: Stack) -> list[dict[str, Any]]:
    """Requests of changing sizes, units and contexts; some candidates are unknown, some answers explored."""
    result = stack.run("request", "--at", "2013-04-02T08")
    whole: dict[str, Any] = orjson.loads(result.stdout)
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


def test_the_batching_runner_gives_identical_answers(stack: Stack, tmp_path: Path) -> None:
    """To the last bit, at 32 connections, for good requests and bad."""
    bodies = _bodies(stack)
    embedded = _answers(stack.url, bodies, 8)
    with served(stack, tmp_path, BALLAST_RUNNER="remote", BALLAST_WORKERS="1") as url:
        assert httpx.get(f"{url}/status").json()["runner"] == "remote"
        remote = _answers(url, bodies, 32)
        bad = {**bodies[0], "context": {"wind_speed": "strong"}}
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
