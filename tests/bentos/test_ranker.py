"""The front service: what it is wired to, by its settings, and when it is ready."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import bentoml
import pytest
from prometheus_client import REGISTRY
from uvicorn.config import HTTP_PROTOCOLS

from bentos.decisions.scoring import Embedded, FromRedis, Remote
from bentos.home.acknowledgements import read_acks
from bentos.home.state import Home
from bentos.http.fast_protocol import RankProtocol
from bentos.ranker import Ranker, mount
from bentos.settings import settings
from monitoring.metrics import Metrics
from tests.bentos.worker.states import put_state

Service: Any = Ranker.inner  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def metrics() -> Iterator[Metrics]:
    """One set for all services of this process: Prometheus takes a name once."""
    before = set(REGISTRY._collector_to_names)
    yield Metrics()
    for collector in set(REGISTRY._collector_to_names) - before:
        REGISTRY.unregister(collector)


@pytest.fixture
def service(deployed: Home, metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The service of one worker, as BentoML makes it."""
    monkeypatch.setattr("bentos.ranker.Metrics", lambda: metrics)
    monkeypatch.setattr(mount, "api", None)
    monkeypatch.setattr(RankProtocol, "application", None)
    return Service()


def test_bentoml_finds_the_protocol_by_its_path() -> None:
    """uvicorn's `auto` is a text: a file that moves would break it silently."""
    module, _, name = HTTP_PROTOCOLS["auto"].partition(":")  # type: ignore[union-attr]
    assert getattr(importlib.import_module(module), name) is RankProtocol


def test_it_brings_the_scorer_and_the_steward_along() -> None:
    """By name, and as many workers as the setting says."""
    assert bentoml.Service.find_dependent_by_name(Ranker, "scorer").name == "scorer"  # type: ignore[attr-defined]
    assert bentoml.Service.find_dependent_by_name(Ranker, "steward").name == "steward"  # type: ignore[attr-defined]
    assert Ranker.name == "ranker"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, Embedded),
        ({"BALLAST_REDIS": "redis://127.0.0.1:1"}, FromRedis),
        ({"BALLAST_RUNNER": "remote"}, Remote),
        ({"BALLAST_RUNNER": "remote", "BALLAST_REDIS": "redis://127.0.0.1:1"}, Remote),
    ],
)
def test_scores_come_from_where_the_settings_say(
    service: Any, given: dict[str, str], kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Scorer goes before Redis."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert type(service._scoring()) is kind


def test_both_ways_of_a_request_lead_to_one_api(service: Any) -> None:
    """The mounted application and the protocol's short way."""
    assert mount.api is service._api
    assert RankProtocol.application is service._api


def test_before_there_is_an_api_nothing_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """BentoML mounts the application before it makes the service."""
    monkeypatch.setattr(mount, "api", None)

    async def never(*_: object) -> Any:
        raise AssertionError

    asyncio.run(mount({"type": "http"}, never, never))


def test_it_is_ready_once_a_version_serves(service: Any, deployed: Home) -> None:
    """It stays up before; then gauges tell of the epoch, and stopping closes the log."""

    async def run() -> list[bool]:
        seen = [await service.__is_ready__()]
        put_state(deployed, 5)
        await service.follow()
        seen.append(await service.__is_ready__())
        answer = await service._api.answer(b'{"unit": "u", "candidates": ["item-1"]}')
        assert answer.status == 200
        while REGISTRY.get_sample_value("ballast_epoch") != 5:
            await asyncio.sleep(0.01)
        for task in service._telling:
            task.cancel()
        service.unfollow()
        return seen

    assert asyncio.run(asyncio.wait_for(run(), 60)) == [False, True]
    assert [ack.epoch for ack in read_acks(deployed.acks)] == [5]
