"""`ballast request`: a real request body, for curl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from bentos.settings import Settings, settings
from models.declaration.declaration import read
from models.table.requests import TableRequest, one_request, real_requests


def request(
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H"], help="the first request from then on"),
    ] = None,
    unit: Annotated[str, typer.Option(help="who asks")] = "viewer-0001",
) -> None:
    """Print a real request body: `ballast request | curl -s localhost:3000/rank -d @-`."""
    print(_body(settings(), unit, at))


def example(config: Settings) -> str:
    """A short request body that works as it is, for a command line."""
    return _body(config, "viewer-0001", None, most=5)


def _body(config: Settings, unit: str, at: datetime | None, most: int | None = None) -> str:
    found = _one(config, at)
    body: dict[str, Any] = {"unit": unit, "candidates": list(found.items)[:most], "context": found.context}
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _one(config: Settings, at: datetime | None) -> TableRequest:
    """The first request from `at` on; without it the largest of the first day after the training's window."""
    declaration = read(config.ranker)
    if at is not None:
        return one_request(declaration, config.home, at=at.replace(tzinfo=UTC).timestamp())
    if declaration.data.until is not None:
        since = declaration.data.until.timestamp()
        first_day = list(real_requests(declaration, config.home, since, since + 86_400))
        if first_day:
            return max(first_day, key=lambda request: len(request.items))
    return one_request(declaration, config.home)
