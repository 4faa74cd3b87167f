"""`ballast request`: a body that works, from the table itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

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
    short = json.loads(run("request", "--most", "5").stdout)
    assert short["unit"] == "viewer-0001"
    assert short["candidates"] == body["candidates"][:5]
    assert short["context"] == body["context"]
    other = json.loads(run("request", "--at", "2013-03-01T12").stdout)
    assert other["context"] != body["context"]


@pytest.mark.usefixtures("flights")
def test_many_bodies_are_a_line_each_in_the_order_of_their_times() -> None:
    """From the end of the training's window, or from a given hour on; each says when it was asked."""
    bodies = [json.loads(line) for line in run("request", "--count", "200").stdout.splitlines()]
    times = [body["time"] for body in bodies]
    assert len(bodies) == 200
    assert times == sorted(times)
    assert datetime.fromtimestamp(times[0], UTC).date() == date(2013, 4, 1)
    assert len({json.dumps(body["candidates"]) for body in bodies}) == 200
    [one] = run("request", "--count", "1", "--at", "2013-03-01T12").stdout.splitlines()
    assert json.loads(one)["time"] == datetime(2013, 3, 1, 12, tzinfo=UTC).timestamp()
    assert run("request", "--count", "0").exit_code == 2


@pytest.mark.usefixtures("flights")
def test_a_time_that_is_none_is_refused() -> None:
    done = run("request", "--at", "noon")
    assert done.exit_code == 2
    assert "noon" in told(done)
