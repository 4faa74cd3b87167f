"""Records as rows in DuckDB: their columns and types, read from lines of JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.log.record import PROPENSITIES_SQL, VERSION, RecordError

if TYPE_CHECKING:
    import duckdb

_ARMS = (
    "STRUCT(experiment VARCHAR, variant VARCHAR, model VARCHAR, bucket DOUBLE, salt VARCHAR, "
    "forced BOOLEAN, same BOOLEAN)[]"
)

COLUMNS = {
    "decisions": {
        "request_id": "VARCHAR",
        "v": "INTEGER",
        "time": "DOUBLE",
        "received": "DOUBLE",
        "unit": "VARCHAR",
        "context": "JSON",
        "attributes": "JSON",
        "arms": _ARMS,
        "experiments": "VARCHAR",
        "epoch": "BIGINT",
        "model": "VARCHAR",
        "snapshot": "VARCHAR",
        "candidates": "JSON",
        "slate": "INTEGER[]",
        "scores": "DOUBLE[]",
        "propensities": "DOUBLE[]",
        "explored": "BOOLEAN",
        "fallback": "VARCHAR",
        "top_k": "INTEGER",
        "rankers": "STRUCT(model VARCHAR, snapshot VARCHAR)[]",
        "team": "TINYINT[]",
        "correction": "VARCHAR",
        "seconds": "DOUBLE",
        "offered": "INTEGER",
        "digest": "VARCHAR",
    },
    "outcomes": {
        "request_id": "VARCHAR",
        "v": "INTEGER",
        "item": "VARCHAR",
        "value": "DOUBLE",
        "time": "DOUBLE",
        "received": "DOUBLE",
    },
}
"""What is read of a record, by kind; the names are the record's own."""

_SHAPED = {
    "decisions": f"""
        * REPLACE (from_json(candidates, '["VARCHAR"]') AS candidates, {PROPENSITIES_SQL} AS propensities),
        regexp_matches(candidates, '^\\[-?[0-9]') AS integer_ids""",
    "outcomes": "*",
}


def json_rows(kind: str, files: list[Path]) -> str:
    """SQL for the whole records of `files` (torn lines left out), with their segment's name."""
    columns = ", ".join(f"{name}: '{of}'" for name, of in COLUMNS[kind].items())
    return f"""
        SELECT {_SHAPED[kind]} FROM read_json({listed(files)}, format='newline_delimited',
            ignore_errors=true, filename='segment', columns={{{columns}}})
        WHERE request_id IS NOT NULL AND received IS NOT NULL"""  # noqa: S608 - our own file names


def refuse_newer(connection: duckdb.DuckDBPyConnection, table: str, where: Path) -> None:
    """Raises RecordError where a record in `table` is newer than this code."""
    newest = connection.execute(f"SELECT max(v) FROM {table}").fetchone()  # noqa: S608
    if newest and newest[0] is not None and newest[0] > VERSION:
        raise RecordError(
            f"{where} has records of version {newest[0]}; this Ballast reads versions up to {VERSION}"
        )


def listed(files: list[Path]) -> str:
    """The files as a list in SQL."""
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"
