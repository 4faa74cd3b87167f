"""`/status`: what the home's files say, and what the worker that answers serves."""

from __future__ import annotations

import time

import pytest

from bentos.home.saved_status import saved_status
from bentos.home.state import CHALLENGER, CHAMPION, Home
from bentos.http.status import status
from bentos.settings import settings
from bentos.worker.follower import Follower
from tests.bentos.worker.states import put_state


def test_before_a_version_serves_it_says_why(deployed: Home) -> None:
    """Beside all that the files say; nothing claims to serve."""
    found = status(settings(), Follower(deployed, "ranker"))
    assert (found["serving"], found["not_ready"]) == (None, "no state yet: nothing has been promoted")
    assert "catalogue" not in found
    assert found["problems"] == ["the Steward has not run yet"]
    assert list(found)[-1] == "problems"
    assert {**found, "serving": None, "not_ready": None} == saved_status(settings()) | {
        "serving": None,
        "not_ready": None,
    }


def test_what_a_worker_serves_is_told_by_reference(deployed: Home) -> None:
    """Version and engine of each, and the catalogue with its age."""
    state = put_state(deployed, stopped={"2": "upside down"})
    worker = Follower(deployed, "ranker")
    worker.look()
    found = status(settings(), worker)
    assert found["serving"][CHAMPION] == {
        "model": "small/1",
        "engine": worker.current.champion.engine.kind,  # type: ignore[union-attr]
        "engine_reason": worker.current.champion.engine.reason,  # type: ignore[union-attr]
    }
    assert found["serving"][CHALLENGER] == {
        "model": "small/2",
        "engine": "none",
        "engine_reason": "stopped by the guard: upside down",
    }
    assert worker.current is not None
    catalogue = worker.current.catalogue
    assert (found["catalogue"]["snapshot"], found["catalogue"]["items"]) == (state.snapshot, catalogue.size)
    assert found["catalogue"]["age_seconds"] == pytest.approx(time.time() - catalogue.created, abs=60)
    assert found["acknowledged"] is True
    assert found["state"]["epoch"] == 1
    assert "not_ready" not in found
