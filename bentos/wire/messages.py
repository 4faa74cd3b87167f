"""Request bodies: their types, and how a body becomes one of them or a problem."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from bentos.wire.problems import Problem, invalid
from models.catalogue.catalogue import Catalogue
from models.catalogue.idspans import IdSpans

MAX_BODY = 4 * 1024 * 1024  # bytes
MAX_CANDIDATES = 5_000
SHOWN_DIGITS = 300
AHEAD = 3600.0  # seconds that a client's clock may be ahead of this one
YEAR = 366 * 86400.0  # seconds
LONG_BODY = 2048  # bytes from which on slicing the ids pays off

Unit = Annotated[str, msgspec.Meta(min_length=1, max_length=256, description="who asks: what is randomised")]
RequestId = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=128, description="the decision's id"),
]
TopK = Annotated[int, msgspec.Meta(ge=1, le=MAX_CANDIDATES, description="how many items to answer with")]
LEAST, MOST = -(2**63), 2**63 - 1  # whole numbers that the log and its readers can hold
Whole = Annotated[int, msgspec.Meta(ge=LEAST, le=MOST)]
Scalar = str | Whole | float | bool | None
Context = Annotated[
    dict[str, Scalar], msgspec.Meta(description="the ranker's context features; absent or null is missing")
]
Attributes = Annotated[dict[str, Scalar], msgspec.Meta(description="of the unit, for targeting in live.yaml")]
Moment = Annotated[
    str | Whole | float | None,
    msgspec.Meta(description="the event's own time: ISO 8601 or seconds; now if absent"),
]

if TYPE_CHECKING:
    Candidates = Sequence[Any]  # a list, or slices of the body
else:
    Candidates = list[str]


class RankRequest(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /rank` where items have text ids."""

    unit: Unit
    candidates: Candidates
    request_id: RequestId | None = None
    context: Context = {}
    attributes: Attributes = {}
    top_k: TopK | None = None
    time: Moment = None


class RankRequestOfIntegers(RankRequest, forbid_unknown_fields=True):
    """`POST /rank` where items have integer ids."""

    candidates: list[Whole]


class _Sliced(RankRequest, forbid_unknown_fields=True):
    """`POST /rank` whose candidates are not looked into yet."""

    candidates: msgspec.Raw


class ItemOutcome(msgspec.Struct, forbid_unknown_fields=True):
    """What came of one item of a decision."""

    item: str | Whole
    value: float


class Feedback(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /feedback`."""

    request_id: RequestId
    outcomes: Annotated[
        list[ItemOutcome],
        msgspec.Meta(
            min_length=1,
            max_length=MAX_CANDIDATES,
            description="of candidates of that request: item and value",
        ),
    ]
    time: Moment = None


_decoders: dict[type, Any] = {
    kind: msgspec.json.Decoder(kind) for kind in (RankRequest, RankRequestOfIntegers, _Sliced, Feedback)
}


def rank_request(body: bytes, catalogue: Catalogue) -> RankRequest:
    """Decode and check a `/rank` body.

    Raises:
        Problem: 400 for what is not JSON, 422 for what breaks a rule.
    """
    if len(body) >= LONG_BODY:
        plain = _sliced(body, catalogue)
        if plain is not None:
            return plain
    return _decoded(body, RankRequestOfIntegers if catalogue.id_type is int else RankRequest)


def _sliced(body: bytes, catalogue: Catalogue) -> RankRequest | None:
    """The request with its candidates as slices; None where they are not plain, or something is wrong."""
    try:
        request: RankRequest = _decoders[_Sliced].decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    raw = bytes(request.candidates)
    spans = IdSpans.of(raw, MAX_CANDIDATES, integers=catalogue.id_type is int)
    if spans is None or spans.repeats(catalogue):
        return None
    request.candidates = spans
    return request


def _decoded(body: bytes, kind: type[RankRequest]) -> RankRequest:
    request: RankRequest = decode(body, kind)
    candidates = request.candidates
    if not candidates:
        raise invalid("candidates", candidates, "at least one candidate")
    if len(candidates) > MAX_CANDIDATES:
        raise invalid("candidates", candidates, f"at most {MAX_CANDIDATES} candidates")
    if len(set(candidates)) != len(candidates):
        at, value = _first_duplicate(candidates)
        raise invalid(f"candidates[{at}]", value, "each candidate once")
    return request


def decode(body: bytes, kind: type) -> Any:
    """Decode JSON into `kind`; raises Problem with the path, the value and the rule."""
    try:
        return _decoders[kind].decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(body, str(error)) from None
    except msgspec.DecodeError as error:
        raise Problem(400, f"body: not JSON: {error}") from None
    except RecursionError:
        raise Problem(400, "body: it nests too deeply to be a request") from None
    except UnicodeDecodeError as error:
        raise Problem(400, f"body: not UTF-8: {error.reason} at byte {error.start}") from None


def event_time(value: str | int | float | None, now: float, first: float | None = None) -> float:
    """Seconds since 1970 of a `time` field: seconds, or ISO 8601 (UTC unless it says otherwise).

    `first` is the first time of the declared table (None: not known), where replays begin. Raises Problem for
    what is earlier than that and more than a year ago, or later than in an hour.
    """
    if value is None:
        return now
    seconds = float(_finite_time(value)) if not isinstance(value, str) else _iso_time(value)
    if not 0 <= seconds <= now + AHEAD:
        raise invalid("time", value, "between 1970 and an hour from now")
    if first is not None and seconds < first and seconds < now - YEAR:
        earliest = datetime.fromtimestamp(max(min(first, now - YEAR), 0), UTC).isoformat()
        rule = f"from {earliest} (where the declared table begins, or a year ago) until an hour from now"
        raise invalid("time", value, rule)
    return seconds


def _iso_time(value: str) -> float:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise invalid("time", value, "ISO 8601, or seconds since 1970") from None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):  # a zone that leads out of the calendar
        raise invalid("time", value, "ISO 8601, or seconds since 1970") from None


def _finite_time(value: int | float) -> int | float:
    if not math.isfinite(value) or not 0 <= value < 253_402_300_800:  # the year 10000
        raise invalid("time", value, "seconds since 1970, before the year 10000")
    return value


def _first_duplicate(candidates: Sequence[Any]) -> tuple[int, str]:
    seen: set[str] = set()
    for at, value in enumerate(candidates):
        if value in seen:
            return at, value
        seen.add(value)
    raise AssertionError("no duplicate")  # pragma: no cover - the caller has counted


def _invalid(body: bytes, message: str) -> Problem:
    """The refusal of a body that is JSON but not of its type, from msgspec's message."""
    rule, _, path = message.partition(" - at `$")
    try:
        document = json.loads(body, parse_int=_whole)
    except RecursionError:
        return Problem(400, "body: it nests too deeply to be a request")
    except ValueError:
        return Problem(400, f"body: not JSON: {message}")
    field, value = _at(document, path.rstrip("`").lstrip("."))
    absent = re.fullmatch(r"Object (missing required|contains unknown) field `(.+)`", rule)
    if absent:
        known = absent[1] == "contains unknown"
        field = f"{field}.{absent[2]}" if field else absent[2]
        value = value.get(absent[2]) if isinstance(value, dict) else None
        rule = "a field that exists" if known else "required"
    return invalid(field or "body", value, rule)


def _whole(digits: str) -> int | float:
    """A whole number as an error shows it; one of hundreds of digits is infinite."""
    return int(digits) if len(digits) < SHOWN_DIGITS else math.inf


def _at(document: Any, path: str) -> tuple[str, Any]:
    """Follow a msgspec path such as `outcomes[3].value`; the deepest part that exists, and its path.

    msgspec writes `context[...]` for any key of an object: the first that is no scalar in its range is meant.
    """
    found = ""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        key: Any = name or (_not_a_scalar(document) if index == "..." else int(index))
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            break
        found += f"[{key}]" if isinstance(key, int) else f".{key}"
    return found.lstrip("."), document


def _not_a_scalar(document: Any) -> Any:
    if not isinstance(document, dict):
        return None
    for key, value in document.items():
        if isinstance(value, list | dict) or (isinstance(value, float) and not math.isfinite(value)):
            return key
        if isinstance(value, int) and not LEAST <= value <= MOST:
            return key
    return None
