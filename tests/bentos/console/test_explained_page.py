"""The page of an explanation: everything that it tells, and nothing of a record as markup."""

from __future__ import annotations

import msgspec

from bentos.console.explained_page import explained_page, refusal_page
from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import explain
from monitoring.log.record import Decision


def test_all_of_it_is_told(told: Home, record: Decision) -> None:
    found = explain(told, record.request_id)
    page = explained_page(found)
    for text in (found.unit, found.model, found.snapshot, found.arms[0].salt, "to the last bit", "equal"):
        assert text in page
    assert found.items[0].contributions[0].feature in page
    assert all(str(item) in page for item in found.others[0].items)


def test_text_of_a_record_is_no_markup(told: Home, record: Decision) -> None:
    """Whatever a client sent as its unit, or in its context."""
    bad = "<img src=x onerror=alert(1)>"
    found = msgspec.structs.replace(explain(told, record.request_id), unit=bad, context={bad: bad})
    assert "<img" not in explained_page(found)
    assert "<img" not in refusal_page(bad)


def test_what_could_not_be_worked_out_is_said(told: Home, record: Decision) -> None:
    """A fallback with its reason, a file that is gone."""
    found = explain(told, record.request_id)
    lost = msgspec.structs.replace(found, fallback="version stopped", arms=[], others=[], unknown=["x-1"])
    page = explained_page(lost)
    assert "in the fallback order, since version stopped" in page
    assert "No experiment applied" in page
    assert "x-1" in page
