"""What the process answers with: a page or JSON as it is asked, and a sentence for what does not exist."""

from __future__ import annotations

import asyncio

import httpx

from bentos.console.app import MOST, application
from bentos.home.state import Home
from monitoring.log.record import Decision


def ask(home: Home, path: str, accept: str = "*/*") -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(application(home))
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
            return await client.get(path, headers={"accept": accept})

    return asyncio.run(asked())


def test_accept_decides_what_comes(told: Home, record: Decision) -> None:
    """JSON for a program that takes anything; nothing of either runs, or is kept."""
    path = f"/explain/{record.request_id}"
    assert ask(told, path).json()["request_id"] == record.request_id
    page = ask(told, path, "text/html")
    assert page.text.startswith("<!doctype html>")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["cache-control"] == "no-store"


def test_what_does_not_exist_is_a_sentence(told: Home, record: Decision) -> None:
    """For people as a page, in which nothing that was asked is markup."""
    unknown = ask(told, "/explain/<script>", "text/html")
    assert (unknown.status_code, "<script>" in unknown.text) == (404, False)
    assert "no decision of that id" in unknown.text
    missing = ask(told, f"/explain/{record.request_id}?item=nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (422, "application/problem+json")
    assert "no such item" in missing.json()["detail"]


def test_what_is_asked_has_bounds(told: Home) -> None:
    assert ask(told, "/explain/" + "a" * 300).status_code == 422
    assert ask(told, "/explain/a?" + "item=x&" * (MOST + 1)).status_code == 422
