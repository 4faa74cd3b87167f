"""`PUT /experiments` on the ASGI layer: who may, what holds, what was live, and what the change would do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from bentos.home.journal import decisions
from bentos.home.state import Home
from bentos.http.asgi import App
from bentos.http.docs_page import page
from bentos.http.openapi import document
from bentos.http.put_experiments import ExperimentsEndpoint
from bentos.settings import settings
from experiments.config.check import parse
from tests.bentos.files import LIVE
from tests.bentos.worker.following import deployment, serve

ONE, TWO = LIVE % "@challenger", LIVE % "2"
BEARER = {"authorization": "Bearer open sesame"}
WHO = {"by": "ana", "reason": "try"}


class Service:
    """The route over a home in which four hundred units were served; `refused` counts problems."""

    def __init__(self, token: str | None) -> None:
        secret = None if token is None else SecretStr(token)
        self.settings = settings().model_copy(update={"token": secret})
        self.refused: list[tuple[str, int]] = []
        routes = {"/experiments": {"PUT": ExperimentsEndpoint(self.settings).put}}
        self._app = App(routes, lambda route, status: self.refused.append((route, status)))

    def put(self, content: Any, headers: dict[str, str] | None = None, **query: object) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as http:
                given = BEARER if headers is None else headers
                return await http.put("/experiments", content=content, params=query, headers=given)  # type: ignore[arg-type]

        return asyncio.run(ask())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with deployment(tmp_path_factory.mktemp("put"), ONE) as home:
        serve(home, 400)
        yield Service("open sesame")


@pytest.fixture(autouse=True)
def _as_before(service: Service) -> Iterator[None]:
    yield
    service.settings.experiments.write_text(ONE)
    deadline = time.monotonic() + 10
    while _state(service)["experiments"] != parse(ONE).digest:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _state(service: Service) -> dict[str, Any]:
    return dict(json.loads(Home(service.settings.ranker_home).state.read_bytes()))


def test_a_dry_run_says_what_would_happen_and_changes_nothing(service: Service) -> None:
    """The same diff as the command's, on the units of the log."""
    moved = ONE.replace("weight: 0.5}\n          - {name: b", "weight: 0.25}\n          - {name: b")
    moved = moved.replace('"@challenger", weight: 0.5', '"@challenger", weight: 0.75')
    answer = service.put(moved, dry_run=1)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["before"], body["after"]) == (parse(ONE).digest, parse(moved).digest)
    assert (body["units"], body["dry_run"]) == (400, True)
    share = float(body["sentences"][0].split("%")[0])
    assert share == pytest.approx(25, abs=4 * 100 * (0.25 * 0.75 / 400) ** 0.5)  # four standard errors
    assert service.settings.experiments.read_text() == ONE


def test_a_change_goes_through_the_file(service: Service) -> None:
    """File, state and answer say the same; the journal has the name and the reason."""
    epoch = _state(service)["epoch"]
    answer = service.put(TWO, epoch=epoch, **WHO)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["epoch"] == epoch + 1
    assert body["after"] == parse(TWO).digest == _state(service)["experiments"]
    assert body["seconds"] is not None
    assert service.settings.experiments.read_text() == TWO
    [*_, asked, _] = decisions(Home(service.settings.ranker_home))
    assert (asked["by"], asked["reason"], asked["after"]) == ("ana", "try", body["after"])
    late = service.put(LIVE % "3", epoch=epoch, **WHO)
    assert (late.status_code, late.json()["epoch"]) == (412, epoch + 1)
    assert "experiments applied by ana: try" in late.json()["detail"]


def test_json_is_taken_too(service: Service) -> None:
    """As the YAML that says the same, so that the file stays one that people read."""
    document = json.dumps(yaml.safe_load(TWO) | {"unit": "viewer"})
    headers = BEARER | {"content-type": "application/json; charset=utf-8"}
    answer = service.put(document, headers, epoch=_state(service)["epoch"], **WHO)
    assert answer.status_code == 200, answer.text
    assert answer.json()["after"] == parse(TWO).digest
    assert parse(service.settings.experiments.read_text()) == parse(TWO)


@pytest.mark.parametrize(
    ("content", "query", "headers", "status", "said"),
    [
        (TWO, {"dry_run": 1}, {}, 401, "bearer token"),
        (TWO, {"dry_run": 1}, {"authorization": "Basic b3BlbiBzZXNhbWU="}, 401, "bearer token"),
        (TWO, {"dry_run": 1}, {"authorization": "Bearer open"}, 403, "not the token"),
        (TWO, {"dry_run": 1}, {"authorization": "Bearer "}, 403, "not the token"),
        (TWO, WHO, None, 428, "epoch: missing"),
        (TWO, {"epoch": "1e3"}, None, 422, "epoch: '1e3': must be the number of an epoch"),
        (TWO, {"epoch": 10**6, **WHO}, None, 412, "epoch: "),
        (TWO, {"dry_run": "yes"}, None, 422, "dry_run: 'yes': must be 0 or 1"),
        (TWO, {"dryrun": 1}, None, 422, "dryrun: '1': is not one of dry_run, epoch, reason, by"),
        (b"\xff", {"dry_run": 1}, None, 400, "is not UTF-8"),
        (b"{", {"dry_run": 1}, BEARER | {"content-type": "application/json"}, 400, "is not JSON"),
        (b"[" * 3000, {"dry_run": 1}, None, 422, "is nested too deeply"),
        (b"x" * (1 << 21), {"dry_run": 1}, None, 413, "at most 1048576"),
        (b"", {"dry_run": 1}, None, 422, "is empty"),
    ],
)
def test_refusals(
    service: Service,
    content: Any,
    query: dict[str, object],
    headers: dict[str, str] | None,
    status: int,
    said: str,
) -> None:
    """Each is a problem document with its sentence; nothing changes."""
    answer = service.put(content, headers, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]
    assert service.refused[-1] == ("/experiments", status)
    assert service.settings.experiments.read_text() == ONE


def test_a_name_and_a_reason_are_needed(service: Service) -> None:
    """For the record."""
    epoch = _state(service)["epoch"]
    for query, field in (({"by": "ana"}, "reason"), ({"reason": "x", "by": " "}, "by")):
        answer = service.put(TWO, epoch=epoch, **query)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_problems_come_by_line(service: Service) -> None:
    """All of them, as data."""
    answer = service.put(
        TWO.replace("weight: 0.5", "weight: 1.5", 1).replace("salt: s", "salt: 7"), dry_run=1
    )
    assert answer.status_code == 422
    found = [(each["line"], each["path"]) for each in answer.json()["problems"]]
    assert found == [(7, "layers[0].salt"), (14, "layers[0].experiments[0].variants[0].weight")]


def test_without_a_token_it_is_off() -> None:
    """And says how to turn it on."""
    answer = Service(None).put(TWO)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "set BALLAST_TOKEN" in answer.json()["detail"]


def test_it_is_described() -> None:
    """In the OpenAPI document, with every status that it gives, and on the page."""
    described = document("small")["paths"]["/experiments"]["put"]
    assert set(described["responses"]) >= {"200", "202", "401", "403", "405", "412", "422", "428"}
    assert "dry_run" in page("small", "{}")
