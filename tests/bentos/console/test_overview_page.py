"""The page of what is served: what is wrong comes first, and nothing from outside is markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from bentos.console.app import application
from bentos.console.overview_page import Overview, form_page, overview_page
from bentos.home.state import Home

EMPTY: dict[str, Any] = {"ranker": "shop", "state": None, "workers": [], "steward": {}, "problems": []}
BAD = "<img src=x>"


def test_an_empty_home_is_well() -> None:
    page = overview_page(Overview(EMPTY, [], [], []))
    assert "Nothing is known to be wrong." in page
    assert "Nothing is promoted yet." in page


def test_stops_come_before_problems_and_all_is_escaped() -> None:
    stop = {"kind": "version", "why": BAD, "done": "the one before serves", "time": 0.0}
    arm = {"name": BAD, "model": BAD}
    report = EMPTY | {
        "problems": [f"slow {BAD}"],
        "steward": {"guard": {BAD: stop}, "rulings": {"1": {"outcome": "hold", "reasons": BAD}}},
        "state": {"epoch": 3, "versions": {BAD: BAD}, "experiments": ""},
        "workers": [{"pid": 1, "kind": "ranker", "epoch": 3, "versions": {BAD: BAD}}],
    }
    done = {"time": 0.0, "event": "promoted", "version": BAD, "why": f"{BAD}\npassed: files", "by": BAD}
    page = overview_page(Overview(report, [{"name": BAD, "variants": [arm]}], [BAD, f"slow {BAD}"], [done]))
    assert "passed: files" not in page
    assert "1970-01-01 00:00:00 UTC" in page
    assert "ballast guard clear" in page
    assert page.count("slow ") == 1  # an alarm that is among the problems is told once
    assert page.index("Stopped: version") < page.index("slow ") < page.index("What serves")
    assert "<img" not in page


def test_the_process_answers_with_it_and_leads_to_an_explanation(tmp_path: Path) -> None:
    with TestClient(application(Home(tmp_path))) as client:
        answer = client.get("/console")
        form = client.get("/console/explain")
        led = client.get("/console/explain", params={"request_id": "a/b c"}, follow_redirects=False)
    assert (answer.status_code, "<h1>" in answer.text) == (200, True)
    assert 'http-equiv="refresh"' in answer.text
    assert (form.status_code, form.text) == (200, form_page())
    assert "refresh" not in form.text  # which would take away what is being typed
    assert (led.status_code, led.headers["location"]) == (303, "/explain/a%2Fb%20c")
