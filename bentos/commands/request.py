"""`ballast request`: a real request body, for curl."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from bentos.settings import Settings, settings


def request(
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H"], help="the first request from then on; the last if not given"
        ),
    ] = None,
    unit: Annotated[str, typer.Option(help="who asks")] = "viewer-0001",
) -> None:
    """Print a real request body: `ballast request | curl -s localhost:3000/rank -d @-`."""
    print(_body(settings(), unit, at))


def example(config: Settings) -> str:
    """A short request body that works as it is, for a command line."""
    return _body(config, "viewer-0001", None, most=5)


def _body(config: Settings, unit: str, at: datetime | None, most: int | None = None) -> str:
    from models.declaration import read
    from models.requests import one_request

    found = one_request(
        read(config.ranker), config.home, at=None if at is None else at.replace(tzinfo=UTC).timestamp()
    )
    body: dict[str, Any] = {"unit": unit, "candidates": list(found.items)[:most], "context": found.context}
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY).decode()
