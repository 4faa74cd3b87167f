"""The API over HTTP, on the running system: good answers, and each bad input's own."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any

import httpx
import numpy as np
import pytest

from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def body(stack: Stack) -> dict[str, Any]:
    """A real request."""
    return stack.example()


def test_an_answer_has_everything(client: httpx.Client, body: dict[str, Any]) -> None:
    """Items best first, aligned scores and propensities, model, arms, and nothing unknown."""
    answer = client.post("/rank", json=body).json()
    count = len(body["candidates"])
    assert sorted(answer["items"]) == sorted(body["candidates"])
    assert len(answer["scores"]) == len(answer["propensities"]) == count
    if not answer["explored"]:
        assert answer["scores"] == sorted(answer["scores"], reverse=True)
        assert answer["propensities"] == pytest.approx([0.99 + 0.01 / count] * count)
    assert answer["model"] in {"flights/1", "flights/2"}
    assert answer["arms"]["challenger"] in {"champion", "challenger"}
    assert answer["fallback"] is None
    assert answer["unknown"] == []


def test_the_same_unit_gets_the_same_arm_everywhere(client: httpx.Client, body: dict[str, Any]) -> None:
    """Sticky over requests and workers."""
    for unit in ("v1", "v2", "v3"):
        arms = {
            json.dumps(client.post("/rank", json=body | {"unit": unit}).json()["arms"]) for _ in range(20)
        }
        assert len(arms) == 1


def test_unknown_candidates_come_last(client: httpx.Client, body: dict[str, Any]) -> None:
    """With null score, named, and not part of the draw."""
    odd = body | {"candidates": ["nowhere", *body["candidates"], "never"]}
    answer = client.post("/rank", json=odd).json()
    assert answer["unknown"] == ["nowhere", "never"]
    assert answer["items"][-2:] == ["nowhere", "never"]
    assert answer["scores"][-2:] == [None, None]
    assert answer["propensities"][-2:] == [1.0, 1.0]
    only = client.post("/rank", json=body | {"candidates": ["nowhere"]}).json()
    assert only["items"] == only["unknown"] == ["nowhere"]


def test_top_k_cuts_the_slate(client: httpx.Client, body: dict[str, Any]) -> None:
    """The first k, and the record keeps all candidates."""
    answer = client.post("/rank", json=body | {"top_k": 2, "request_id": "top-two"}).json()
    assert len(answer["items"]) == len(answer["scores"]) == len(answer["propensities"]) == 2


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("no candidates", {"candidates": []}, 422, "candidates"),
    ("too many", {"candidates": [str(n) for n in range(5001)]}, 422, "candidates"),
    ("twice the same", {"candidates": ["a", "b", "a"]}, 422, "candidates[2]"),
    ("a number as id", {"candidates": ["a", 5]}, 422, "candidates[1]"),
    ("a number as unit", {"unit": 7}, 422, "unit"),
    ("an object as unit", {"unit": {"viewer": 7}}, 422, "unit"),
    ("no unit", {"unit": None}, 422, "unit"),
    (
        "an unknown context feature",
        {"context": {"temperature_on_mars": 1}},
        422,
        "context.temperature_on_mars",
    ),
    ("text for a number", {"context": {"wind_speed": "strong"}}, 422, "context.wind_speed"),
    ("too large for a float", {"context": {"wind_speed": 1e300}}, 422, "context.wind_speed"),
    ("a list in the context", {"context": {"wind_speed": [1]}}, 422, "context.wind_speed"),
    ("an unknown field", {"canddates": []}, 422, "canddates"),
    ("a wrong time", {"time": "tomorrow"}, 422, "time"),
]


@pytest.mark.parametrize(
    ("change", "status", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_bad_fields(
    client: httpx.Client, body: dict[str, Any], change: dict[str, Any], status: int, field: str
) -> None:
    """A problem document names the field, the value and the rule."""
    answer = client.post("/rank", json=body | change)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert problem["field"] == field
    assert problem["rule"]
    assert field in problem["detail"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b'{"unit":"a","candidates":["x"],"context":{"wind_speed":NaN}}', 400),
        (b'{"unit":"a","candidates":["x"],"context":{"wind_speed":1e999}}', 422),
        (b'{"unit":"a","candidates":["x"],"context":{"wind_speed":-Infinity}}', 400),
        (b"\xff" * 1000, 400),
    ],
)
def test_bad_json(client: httpx.Client, content: bytes, status: int) -> None:
    """What is not JSON is 400; infinities that are JSON are 422."""
    answer = client.post("/rank", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_four_mebibytes_of_junk(stack: Stack, client: httpx.Client, body: dict[str, Any]) -> None:
    """At the limit it is read and refused as junk, above it is 413; nobody else is touched."""
    at_limit = client.post("/rank", content=os.urandom(4 * 1024 * 1024))
    assert at_limit.status_code == 400
    over = httpx.post(f"{stack.url}/rank", content=b"x" * (4 * 1024 * 1024 + 1), timeout=10)
    assert (over.status_code, over.headers["content-type"]) == (413, PROBLEM)

    def parts() -> Any:
        for _ in range(70):
            yield b"x" * 65536

    try:
        chunked = httpx.post(f"{stack.url}/rank", content=parts(), timeout=10).status_code
    except httpx.WriteError:  # the server answered and closed while the body was on its way
        chunked = 413
    assert chunked == 413
    assert client.post("/rank", json=body).status_code == 200


def test_wrong_path_and_method(client: httpx.Client) -> None:
    """404 lists the paths, 405 the methods."""
    missing = client.post("/ranks", json={})
    assert (missing.status_code, missing.headers["content-type"]) == (404, PROBLEM)
    assert "/rank" in missing.json()["detail"]
    wrong = client.get("/rank")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == PROBLEM


def test_feedback(client: httpx.Client, body: dict[str, Any]) -> None:
    """Known requests take outcomes, as often as they are sent; the rest is refused."""
    answer = client.post("/rank", json=body).json()
    item = answer["items"][0]
    outcome = {
        "request_id": answer["request_id"],
        "outcomes": [{"item": item, "value": 1.0}],
        "time": time.time(),
    }
    for _ in range(2):
        accepted = client.post("/feedback", json=outcome)
        assert (accepted.status_code, accepted.json()["accepted"]) == (200, 1)
    unknown = client.post("/feedback", json=outcome | {"request_id": "never-asked"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "request_id")
    stranger = client.post("/feedback", json=outcome | {"outcomes": [{"item": "nobody", "value": 1}]})
    assert (stranger.status_code, stranger.json()["field"]) == (422, "outcomes[0].item")
    for value in ("late", None, True):
        wrong = client.post("/feedback", json=outcome | {"outcomes": [{"item": item, "value": value}]})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "outcomes[0].value")
    assert client.post("/feedback", json=outcome | {"outcomes": []}).status_code == 422


def test_bad_requests_cost_nobody_anything(stack: Stack, body: dict[str, Any]) -> None:
    """Good and bad requests mixed on many connections: each gets its own answer."""
    bad = [row[1] for row in REFUSED]

    async def ask(http: httpx.AsyncClient, number: int) -> tuple[bool, int]:
        change = bad[number % len(bad)] if number % 2 else {}
        answer = await http.post("/rank", json=body | {"unit": f"v{number}"} | change)
        return bool(change), answer.status_code

    async def storm() -> list[tuple[bool, int]]:
        limits = httpx.Limits(max_connections=16)
        async with httpx.AsyncClient(base_url=stack.url, timeout=20, limits=limits) as http:
            return list(await asyncio.gather(*(ask(http, number) for number in range(400))))

    answers = asyncio.run(storm())
    assert {status for is_bad, status in answers if not is_bad} == {200}
    assert {status for is_bad, status in answers if is_bad} == {422}


def test_pages(client: httpx.Client) -> None:
    """Liveness, readiness, metrics, docs, experiments."""
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
    metrics = client.get("/metrics").text
    assert "ballast_requests_total" in metrics
    assert "ballast_catalogue_age_seconds" in metrics
    assert "<h1>Ballast" in client.get("/docs").text
    assert client.get("/docs.json").json()["openapi"].startswith("3.1")
    assert client.get("/experiments").json()["live"]["exploration"]["share"] == 0.01


def test_what_was_answered_is_on_record(stack: Stack, client: httpx.Client, body: dict[str, Any]) -> None:
    """The record of an answer holds the answer."""
    answers = [client.post("/rank", json=body | {"unit": f"r{n}"}).json() for n in range(50)]
    records = {record["request_id"]: record for record in stack.decisions()}
    for answer in answers:
        record = records[answer["request_id"]]
        assert [record["candidates"][place] for place in record["slate"]] == answer["items"]
        assert record["scores"] == answer["scores"]
        once = record["propensities"]  # equal ones stand there once
        assert (once * len(record["slate"]) if len(once) == 1 else once) == answer["propensities"]
        assert record["model"] == answer["model"]
        assert {arm["experiment"]: arm["variant"] for arm in record["arms"]} == answer["arms"]


def test_logged_propensities_equal_served_frequencies(client: httpx.Client, body: dict[str, Any]) -> None:
    """Over n requests of one unit, each item stands at each position as often as its propensity says."""
    candidates = body["candidates"][:4]
    ask = body | {"candidates": candidates, "unit": "frequent"}
    n = 3000
    greedy: list[str] = []
    counts = np.zeros((4, 4))
    explored = 0
    for number in range(n):
        answer = client.post("/rank", json=ask | {"request_id": f"frequency-{number}"}).json()
        explored += answer["explored"]
        if not answer["explored"]:
            greedy = answer["items"]
        for position, item in enumerate(answer["items"]):
            counts[candidates.index(item), position] += 1
            expected = 0.01 / 4 + (0.99 if greedy and greedy[position] == item else 0)
            if greedy:
                assert answer["propensities"][position] == pytest.approx(expected)
    # 4.5 standard deviations of a binomial: one false alarm in 150,000
    assert abs(explored - 0.01 * n) < 4.5 * np.sqrt(n * 0.01 * 0.99)
    for item in range(4):
        for position in range(4):
            p = 0.01 / 4 + (0.99 if greedy[position] == candidates[item] else 0)
            assert abs(counts[item, position] - n * p) < 4.5 * np.sqrt(n * p * (1 - p)) + 1
