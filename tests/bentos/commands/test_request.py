"""`ballast request`: a body that works, from the table itself."""

from __future__ import annotations

import json

import pytest

from bentos.commands.request import example
from bentos.home.state import Home
from bentos.settings import settings
from tests.bentos.commands.running import run, told


@pytest.fixture
def flights(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranker that comes with the project."""
    monkeypatch.delenv("BALLAST_RANKER")
    settings.cache_clear()


@pytest.mark.usefixtures("flights")
def test_a_body_is_a_real_request() -> None:
    """Whole by itself, short as an example; from a given hour on where one is asked for."""
    body = json.loads(run("request", "--unit", "ana").stdout)
    assert body["unit"] == "ana"
    assert len(body["candidates"]) == len(set(body["candidates"])) > 5
    short = json.loads(example(settings()))
    assert short["unit"] == "viewer-0001"
    assert short["candidates"] == body["candidates"][:5]
    assert short["context"] == body["context"]
    other = json.loads(run("request", "--at", "2013-03-01T12").stdout)
    assert other["context"] != body["context"]


@pytest.mark.usefixtures("flights")
def test_a_time_that_is_none_is_refused() -> None:
    done = run("request", "--at", "noon")
    assert done.exit_code == 2
    assert "noon" in told(done)
