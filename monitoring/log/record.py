"""What happened, one JSON line each: the decision that was served, and the outcome that came of it.

A line is self-contained and starts with its request id. A new field with a default keeps the version; a
field whose meaning changes raises it, and readers refuse what is newer than they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from monitoring.errors import UserError

VERSION = 1
"""The newest record version this code writes and reads."""

Item = str | int

if TYPE_CHECKING:
    Items = Sequence[Item] | Sequence[str] | Sequence[int] | NDArray[np.int64] | orjson.Fragment
    Indexes = list[int] | NDArray[np.int64]
    Numbers = list[float | None] | list[float] | NDArray[np.float64] | orjson.Fragment
    Team = list[int] | NDArray[np.int8]
else:  # what msgspec decodes into; a server hands over arrays, which orjson writes as they are
    Items = list[Item]
    Indexes = list[int]
    Numbers = list[float | None]
    Team = list[int]


class RecordError(UserError, ValueError):
    """A line that is no record, or a record of a version this code does not know."""


class ArmRecord(msgspec.Struct, frozen=True):
    """One experiment arm of a decision: why this unit got this model.

    `same`: whether every other arm would have served the same items in the same order; None where nobody
    asked, or where it is not known.
    """

    experiment: str
    variant: str
    model: str
    bucket: float
    salt: str
    forced: bool = False
    same: bool | None = None


if TYPE_CHECKING:
    Arms = Sequence[ArmRecord] | orjson.Fragment
else:
    Arms = list[ArmRecord]


class RankerRecord(msgspec.Struct, frozen=True):
    """One of two interleaved rankers: its version, and the catalogue snapshot that it scored."""

    model: str
    snapshot: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as it was served.

    `time` is the event's time and `received` the server's clock, both unix seconds. `slate` holds indexes
    into `candidates`, best first; `scores` and `propensities` are aligned with `slate` (in a line, a single
    propensity stands for all of a longer slate). An unknown candidate
    stands at the end with score null and propensity 1. Null is a propensity that a policy
    does not give in closed form (Plackett-Luce and interleaving beyond the first positions).

    `rankers` are the two that were interleaved, None in any other answer; `team` is aligned with `slate` and
    says which of them chose the item: 0, 1, or -1 for nobody. `team` is None where the order was explored.
    `model` and `scores` are the first ranker's.

    `correction` is the digest of the correction that turned the model's own probabilities into `scores`; the
    order is that of the model's own. `seconds` is how long the answer took until it was recorded.

    A reduced record has a shorter slate than was served. Where `digest` is given, `candidates` are only those
    of the slate; there were `offered` of them, and the digest is over all their ids.
    """

    request_id: str
    v: int = VERSION
    time: float
    received: float
    unit: str
    context: dict[str, Any]
    attributes: dict[str, Any]
    arms: Arms
    experiments: str
    epoch: int
    model: str
    snapshot: str
    candidates: Items
    slate: Indexes
    scores: Numbers
    propensities: Numbers
    explored: bool
    fallback: str | None = None
    top_k: int | None = None
    rankers: list[RankerRecord] | None = None
    team: Team | None = None
    correction: str | None = None
    seconds: float = 0.0
    offered: int | None = None
    digest: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one item of one decision; `time` is when it became known, unix seconds."""

    request_id: str
    v: int = VERSION
    item: Item
    value: float
    time: float
    received: float


def numbers_json(values: NDArray[np.float64]) -> orjson.Fragment:
    """Numbers as JSON, to be written once for a record and an answer; NaN and infinities become null."""
    plain = np.ascontiguousarray(values)
    return orjson.Fragment(orjson.dumps(plain, option=orjson.OPT_SERIALIZE_NUMPY))


def encode_propensities(values: NDArray[np.float64]) -> Numbers:
    """The propensities of a slate as a record has them: equal ones, as in most answers, once."""
    first = float(values[0])
    return [first] if bool((values == first).all()) else numbers_json(values)


def decode_propensities(recorded: Numbers, count: int) -> Numbers:
    """One propensity for each of a slate's `count` items, of what `encode_propensities` made, as JSON."""
    if not _stand_for_all(recorded, count):
        return recorded
    return orjson.Fragment(b"[" + b",".join([orjson.dumps(recorded[0])] * count) + b"]")


def _stand_for_all(recorded: Numbers, count: int) -> TypeGuard[list[float]]:
    """Whether a single propensity is recorded for a slate of several items."""
    return isinstance(recorded, list) and len(recorded) == 1 < count


PROPENSITIES_SQL = """
    CASE WHEN len(propensities) = 1 AND len(slate) > 1
        THEN list_transform(slate, lambda place: propensities[1]) ELSE propensities END"""
"""The same in DuckDB, over a record's columns."""


class _Head(msgspec.Struct):
    request_id: str
    v: int = VERSION


T = TypeVar("T", Decision, Outcome)

_decisions = msgspec.json.Decoder(Decision)
_outcomes = msgspec.json.Decoder(Outcome)
_heads = msgspec.json.Decoder(_Head)


def encode(record: Decision | Outcome) -> bytes:
    """One line, newline included. Arrays are written as they are; NaN and infinities become null.

    Raises RecordError where a value has no JSON form (a context value of an unknown type, an unpaired
    surrogate, an integer over 64 bits).

    >>> encode(Outcome(request_id="r1", item="item-3", value=1.0, time=1700000000.0, received=1700000001.5))
    b'{"request_id":"r1","v":1,"item":"item-3","value":1.0,"time":1700000000.0,"received":1700000001.5}\\n'
    """
    try:
        return orjson.dumps(
            msgspec.structs.asdict(record),
            default=_plain,
            option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE,
        )
    except orjson.JSONEncodeError as error:
        raise RecordError(f"request {record.request_id!r} has a value JSON cannot hold: {error}") from error


def encode_outcomes(outcomes: Iterable[Outcome]) -> bytes:
    """The lines of one feedback, to be appended in one write: all of it is in the log, or none."""
    return b"".join(encode(outcome) for outcome in outcomes)


def decode(line: bytes) -> Decision:
    """The decision of one line. Raises RecordError, naming the rule that the line breaks.

    >>> made = Decision(
    ...     request_id="r1", time=1700000000.0, received=1700000000.5, unit="viewer-7", context={"hour": 20},
    ...     attributes={}, arms=[], experiments="", epoch=1, model="flights/7", snapshot="5f0e",
    ...     candidates=["a", "b", "c"], slate=[2, 0, 1], scores=[0.9, 0.4, None], propensities=[1.0],
    ...     explored=False,
    ... )
    >>> decision = decode(encode(made))
    >>> [decision.candidates[place] for place in decision.slate]
    ['c', 'a', 'b']
    >>> decision.propensities
    [1.0, 1.0, 1.0]
    >>> decode(b"no record")
    Traceback (most recent call last):
    monitoring.log.record.RecordError: not a record: JSON is malformed: ... in b'no record'
    """
    record = _decode(line, _decisions)
    if _stand_for_all(record.propensities, len(record.slate)):
        each = record.propensities * len(record.slate)
        return msgspec.structs.replace(record, propensities=each)
    return record


def decode_outcome(line: bytes) -> Outcome:
    """The outcome of one line. Raises RecordError, naming the rule that the line breaks."""
    return _decode(line, _outcomes)


def request_id_of(line: bytes) -> str:
    """The request id of a record of any version. Raises RecordError where the line is none."""
    try:
        return _heads.decode(line).request_id
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"not a record: {error} in {line[:80]!r}") from error


def _decode(line: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        record = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _refuse_newer(line)
        raise RecordError(f"not a record: {error} in {line[:80]!r}") from error
    if record.v > VERSION:
        raise RecordError(_newer(record.request_id, record.v))
    return record


def _refuse_newer(line: bytes) -> None:
    """A newer record may fail to decode for what changed in it; its version is the better reason."""
    try:
        head = _heads.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if head.v > VERSION:
        raise RecordError(_newer(head.request_id, head.v))


def _newer(request_id: str, version: int) -> str:
    return (
        f"the record of request {request_id!r} has version {version}; this Ballast reads versions up to "
        f"{VERSION}, so read this log with the release that wrote it or a later one"
    )


def _plain(value: object) -> object:
    """What orjson does not write itself: structs, and arrays that are not contiguous."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not serializable")
