"""One request of the log, whatever its age: its decision and what came of its items, by its id alone.

For a person who asks about one answer; who learns from many reads a `window`. Segments are searched by their
index (decisions) or as bytes (outcomes, about a second a gigabyte), Parquet files by DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec
import orjson

from monitoring.errors import UserError
from monitoring.log.index import DecisionIndex
from monitoring.log.manifest import reading, sources
from monitoring.log.record import Decision, Outcome, RecordError, decode_outcome
from monitoring.log.rows import COLUMNS, listed

_CHUNK = 8 * 1024 * 1024


class NoSuchRequestError(UserError, LookupError):
    """No record of the log has the id."""


class LoggedRequest(NamedTuple):
    """The last decision of an id, how many there are of it, and outcomes of its items in order of time."""

    decision: Decision
    decisions: int
    outcomes: list[Outcome]


def read_request(root: Path, request_id: str) -> LoggedRequest:
    """The request of an id; `root` holds the folders decisions and outcomes.

    Raises NoSuchRequestError where the log has no decision of that id, or has it no more.
    """
    found = {each.received: each for each in _decisions(root / "decisions", request_id)}
    if not found:
        raise NoSuchRequestError(
            f"request {request_id!r}: the log has no decision of that id; an id is what /rank "
            "answers as request_id, and records are gone after the time that the log keeps them"
        )
    told = {(str(each.item), each.time): each for each in _outcomes(root / "outcomes", request_id)}
    return LoggedRequest(
        found[max(found)], len(found), sorted(told.values(), key=lambda each: (each.time, each.received))
    )


def _decisions(folder: Path, request_id: str) -> Iterator[Decision]:
    yield from DecisionIndex(folder).find_all(request_id)
    for row in _compacted(folder, request_id):
        yield _decision(row)


def _outcomes(folder: Path, request_id: str) -> Iterator[Outcome]:
    with reading(folder):
        _, segments = sources(folder)
        for segment in segments:
            yield from map(decode_outcome, _lines_of(segment, request_id))
    for row in _compacted(folder, request_id):
        yield Outcome(**{name: row[name] for name in COLUMNS["outcomes"]})


def _lines_of(segment: Path, request_id: str) -> Iterator[bytes]:
    """Whole lines that begin with the id."""
    start = b'{"request_id":' + orjson.dumps(request_id) + b","
    with segment.open("rb") as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            text, end = rest + chunk, 0
            while (at := text.find(start, end)) >= 0 and (end := text.find(b"\n", at) + 1):
                if at == 0 or text[at - 1 : at] == b"\n":
                    yield text[at : end - 1]
            rest = text[max(end, text.rfind(b"\n") + 1) :]


def _compacted(folder: Path, request_id: str) -> list[dict[str, Any]]:

    with reading(folder), duckdb.connect() as connection:
        parquet, _ = sources(folder)
        if not parquet:
            return []
        files = f"read_parquet({listed(parquet)}, union_by_name=true)"  # older ones lack the newest columns
        rows = connection.execute(f"SELECT * FROM {files} WHERE request_id = ?", [request_id])  # noqa: S608
        names = [column[0] for column in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _decision(row: Mapping[str, Any]) -> Decision:
    """From a row of a Parquet file. Raises RecordError."""
    found = {name: row[name] for name in COLUMNS["decisions"] if row.get(name) is not None}
    found |= {name: orjson.loads(row[name]) for name in ("context", "attributes")}
    if row["integer_ids"]:
        found["candidates"] = [int(each) for each in row["candidates"]]
    try:
        return msgspec.convert(found, Decision)
    except msgspec.ValidationError as error:
        raise RecordError(f"a compacted record of request {row['request_id']!r}: {error}") from error
