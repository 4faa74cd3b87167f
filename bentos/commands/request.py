"""`ballast request`: a real request body, for curl."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
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
    count: Annotated[
        int | None, typer.Option(min=1, help="so many bodies in the order of their times, a line each")
    ] = None,
    most: Annotated[int | None, typer.Option(min=1, help="candidates at the most; else all of them")] = None,
) -> None:
    """Print a real request body: `ballast request | curl -s localhost:3000/rank -d @-`.

    With --count, they begin where training's window ends, and each has the time at which it was asked.
    """
    if count is None:
        print(_written(_one(settings(), at), unit, most))
        return
    for body in islice(_many(settings(), unit, at, most), count):
        print(body)


def _many(config: Settings, unit: str, at: datetime | None, most: int | None) -> Iterator[str]:
    """Bodies from `at` on; without it from the end of training's window, or all where there is none."""
    declared = read(config.ranker)
    since = declared.data.until if at is None else at.replace(tzinfo=UTC)
    after = None if since is None else since.timestamp()
    for each in real_requests(declared, config.home, since=after):
        yield _written(each, unit, most, time=None if declared.data.time is None else each.time)


def _written(found: TableRequest, unit: str, most: int | None = None, time: float | None = None) -> str:
    body: dict[str, Any] = {"unit": unit, "candidates": list(found.items)[:most], "context": found.context}
    if time is not None:
        body["time"] = time
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
