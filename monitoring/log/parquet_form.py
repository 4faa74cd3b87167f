"""How records are written as Parquet, so that they take little room: without any loss, and for any reader.

Version 2 of the format has encodings for what a record is made of: floats are split into streams of their
first, second, … bytes, of which the first ones are nearly all alike; integers are differences. What repeats
is stored once for a row group, as a dictionary: ids of candidates too, where it pays.
"""

from __future__ import annotations

import duckdb

PAYS = 10
"""Times that an id occurs, from which on a dictionary of them is smaller than compressed text."""
FEWEST, MOST = 20_000, 500_000
"""Values of a dictionary, however few repeat, and however many do: it is in memory while it is written."""
LONGEST = 32 * 1024 * 1024
"""Bytes of a dictionary."""


def written_as(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    """Options of DuckDB's COPY for the table `batch` of one kind."""
    entries = FEWEST
    if kind == "decisions":
        [(ids, distinct)] = connection.execute(_IDS).fetchall()
        if PAYS * distinct <= (ids or 0):
            entries = max(FEWEST, min(MOST, int(1.2 * distinct)))
    return (
        f"COMPRESSION zstd, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT {entries}, "
        f"STRING_DICTIONARY_PAGE_SIZE_LIMIT {LONGEST}"
    )


_IDS = "SELECT count(*), approx_count_distinct(id) FROM (SELECT unnest(candidates) AS id FROM batch)"
