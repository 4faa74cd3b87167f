"""Moments as people read them: unix seconds as text, in UTC."""

from datetime import UTC, datetime


def to_day(seconds: float) -> str:
    """The day.

    >>> to_day(0.0)
    '1970-01-01'
    """
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def to_minute(seconds: float) -> str:
    """The day and the minute.

    >>> to_minute(119.0)
    '1970-01-01 00:01 UTC'
    """
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def to_second(seconds: float) -> str:
    """The day and the second.

    >>> to_second(61.5)
    '1970-01-01 00:01:01 UTC'
    """
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
