"""Paths that are no route have one name, whoever asks for however many."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.http.asgi import App, Request, asked_path
from bentos.http.bounded_paths import OF_BENTOML, OTHER, BoundedPaths

KNOWN = frozenset({"/rank", "/"})


def _seen(*paths: str) -> list[tuple[str, str]]:
    """What the application behind sees: the path, and the one that was asked for."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["path"], asked_path(scope)))

    async def ask() -> None:
        for path in paths:
            await BoundedPaths(app, KNOWN)({"type": "http", "path": path}, None, None)  # type: ignore[arg-type]

    asyncio.run(ask())
    return seen


@pytest.mark.parametrize("path", sorted({*KNOWN, *OF_BENTOML}))
def test_a_route_is_itself(path: str) -> None:
    assert _seen(path) == [(path, path)]


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=1), min_size=1))
def test_all_others_are_one(paths: list[str]) -> None:
    """Also those that begin as a route does."""
    paths = [f"/rank/{path}" for path in paths]
    assert _seen(*paths) == [(OTHER, path) for path in paths]


def test_what_has_no_path_goes_through() -> None:
    """ASGI's lifespan."""
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    asyncio.run(BoundedPaths(app, KNOWN)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan"}]


def test_the_refusal_names_what_was_asked_for() -> None:
    """And counts it under one name."""
    counted, sent = [], []

    async def rank(request: Request) -> Any:
        raise AssertionError(request)

    async def send(message: Any) -> None:
        sent.append(message)

    app = App({"/rank": {"POST": rank}}, lambda route, status: counted.append((route, status)))
    scope = {"type": "http", "path": "/who/knows", "method": "GET"}
    asyncio.run(BoundedPaths(app, KNOWN)(scope, None, send))  # type: ignore[arg-type]
    assert "path: '/who/knows': not one of /rank" in json.loads(sent[-1]["body"])["detail"]
    assert counted == [("other", 404)]
