"""The kinds of value a live.yaml takes, each with the sentence that says what it must be."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

NOBODY = 255
"""What a table of positions holds where a position belongs to nobody: so a table has 255 entries at most,
and so many variants an experiment, and experiments a layer."""

_ALIAS = re.compile(r"@[A-Za-z0-9_-]+|[1-9][0-9]*")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _model(value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _ALIAS.fullmatch(text):
        return text
    raise ValueError("must name a model by alias ('@champion') or by version number ('7')")


def _instant(value: object) -> float:
    rule = "must be a date (2026-01-31) or a time with its zone (2026-01-31T08:00:00Z)"
    if not isinstance(value, str):
        raise ValueError(rule)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(rule) from None
    if moment.tzinfo is None and ("T" in value or " " in value):
        raise ValueError(f"{rule}; its zone is missing")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def written(instant: float) -> str:
    """Unix seconds as the file writes them."""
    return datetime.fromtimestamp(instant, UTC).isoformat().replace("+00:00", "Z")


_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def _duration(value: object) -> float:
    if isinstance(value, str) and (found := re.fullmatch(r"([1-9][0-9]{0,5})([dhms])", value)):
        return float(int(found[1]) * _SECONDS[found[2]])
    raise ValueError("must be a time such as 1d, 12h, 30m or 90s")


def written_duration(seconds: float) -> str:
    """Seconds as the file writes them, in the largest unit that fits."""
    unit = next(unit for unit, of in _SECONDS.items() if seconds % of == 0)
    return f"{int(seconds) // _SECONDS[unit]}{unit}"


def _range(value: object) -> tuple[float, float]:
    if isinstance(value, list | tuple) and len(value) == 2 and all(_is_number(edge) for edge in value):
        low, high = value
        if 0 <= low < high <= 1:
            return float(low), float(high)
    raise ValueError("must be a half-open range [low, high) with 0 <= low < high <= 1")


def _scalar(value: object) -> object:
    if isinstance(value, str | bool) or _is_number(value):
        return value
    raise ValueError("must be text, a finite number, true or false")


def _share(value: object) -> float:
    if _is_number(value) and 0 <= value <= 1:  # type: ignore[operator]  # _is_number has seen that it is one
        return float(value)  # type: ignore[arg-type]
    raise ValueError("must be a share, a number from 0 to 1")


_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_RANGE_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {"type": "number", "minimum": 0, "maximum": 1},
    "minItems": 2,
    "maxItems": 2,
    "description": "half-open: [low, high)",
}

Name = Annotated[str, Field(pattern=_NAME)]
Salt = Annotated[str, Field(min_length=1, max_length=128)]
Algorithm = Literal["growthbook-v1", "growthbook-v2"]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[
    float, BeforeValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
Scalar = Annotated[Any, AfterValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Range = Annotated[tuple[float, float], BeforeValidator(_range), WithJsonSchema(_RANGE_SCHEMA)]
ModelReference = Annotated[
    str,
    BeforeValidator(_model),
    WithJsonSchema(
        {"type": ["string", "integer"], "pattern": r"^(@[A-Za-z0-9_-]+|[1-9][0-9]*)$", "minimum": 1}
    ),
]
Instant = Annotated[
    float,
    BeforeValidator(_instant),
    PlainSerializer(written, return_type=str),
    WithJsonSchema({"type": "string", "description": "a date, or a time with its zone"}),
]
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(written_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": "^[1-9][0-9]{0,5}[dhms]$", "description": "1d, 12h, 30m, 90s"}
    ),
]
