"""Days as commands take them: UTC, from the first until before the day after the last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

Since = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")]
Until = Annotated[
    datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="the day after the last")
]


def seconds(day: datetime | None) -> float | None:
    """Unix seconds of a day's begin."""
    return None if day is None else day.replace(tzinfo=UTC).timestamp()
