"""Keys that records of the log share: told by sorting 64 bits of each, without a table of all keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import duckdb

AT_ONCE = 10_000_000
"""Keys that are sorted at once, 80 MB; of more, one part of their hashes after another is."""
MOST = 1_000
"""Repeated hashes that are named in SQL; of more, the query finds them by itself."""


def repeated_hashes(connection: duckdb.DuckDBPyConnection, table: str, keys: str) -> str:
    """SQL of the hashes that more than one row of `table` has, for `hash(keys) IN (…)`; empty where none is.

    Rows with the same keys have the same hash. Others may share one by chance, so that who asks compares the
    keys themselves. Ten million keys take 1 s of CPU and 0.2 GB; grouping by them takes three times as much.
    """
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - one of our names
    parts = 1 + rows // AT_ONCE
    found: list[int] = []
    for part in range(parts):
        own = f" WHERE hash({keys}) % {parts} = {part}" if parts > 1 else ""
        query = f"SELECT hash({keys}) AS key FROM {table}{own}"  # noqa: S608
        hashes = np.asarray(connection.execute(query).fetchnumpy()["key"])
        hashes.sort()
        found += np.unique(hashes[1:][hashes[1:] == hashes[:-1]]).tolist()
        if len(found) > MOST:
            return f"SELECT hash({keys}) FROM {table} GROUP BY ALL HAVING count(*) > 1"  # noqa: S608
    return ", ".join(map(str, found))
