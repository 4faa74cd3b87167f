"""Who asked lately: units with the attributes of one of their requests, from the log's newest files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from monitoring.log.manifest import read_manifest, reading
from monitoring.log.rows import listed
from monitoring.log.segments import segments

NEWEST = 128 * 1024 * 1024  # bytes of segments that are read: 0.3 s
PARTS = 4  # Parquet files, where there are too few segments


def recent_units(root: Path, most: int) -> list[tuple[str, str]]:
    """At most so many units, each with attributes as JSON; none where there is no log.

    >>> recent_units(Path("no/log/yet"), 10)
    []
    """
    folder = root / "decisions"
    with reading(folder), duckdb.connect() as connection:
        sources = [query for query in (_of_segments(folder), _of_parts(folder)) if query]
        if not sources:
            return []
        query = (
            f"SELECT unit, any_value(attributes) FROM ({' UNION ALL '.join(sources)}) "  # noqa: S608 - our own names
            "WHERE unit IS NOT NULL GROUP BY 1 LIMIT ?"
        )
        found: list[tuple[str, str]] = connection.execute(query, [most]).fetchall()
    return [(unit, attributes or "{}") for unit, attributes in found]


def _of_segments(folder: Path) -> str | None:
    """SQL over the newest segments."""
    left, files = NEWEST, list[Path]()
    for path in sorted(segments(folder), key=lambda each: each.stat().st_mtime, reverse=True):
        left -= path.stat().st_size
        if left < 0 and files:
            break
        files.append(path)
    if not files:
        return None
    columns = "columns={unit: 'VARCHAR', attributes: 'JSON'}"
    return (
        f"SELECT unit, attributes FROM read_json({listed(files)}, format='newline_delimited', "  # noqa: S608
        f"ignore_errors=true, {columns})"
    )


def _of_parts(folder: Path) -> str | None:
    """SQL over the newest Parquet files; their columns are read, and nothing else of them."""
    parts = sorted(read_manifest(folder).parts, key=lambda part: part.received)[-PARTS:]
    files = [folder / part.name for part in parts if (folder / part.name).exists()]
    return f"SELECT unit, attributes FROM read_parquet({listed(files)})" if files else None  # noqa: S608
