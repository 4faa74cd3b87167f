"""Which row of a csv breaks its form: looked for once it is known that there is one."""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

from monitoring.tables.dialect import CsvDialect

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def odd_row(path: Path, dialect: CsvDialect) -> str | None:
    """The sentence about the first such row, with its line (the header's is 1); None where there is none."""
    try:
        return _found(path, dialect)
    except (OSError, UnicodeError, csv.Error):
        return None


def open_quote(path: Path, dialect: CsvDialect) -> str | None:
    """The sentence about a quote that nothing closes, with its row's line; None where all are closed."""
    opener = OPENERS.get(path.suffix, open)
    start, usual = 1, csv.field_size_limit(path.stat().st_size + 1)
    try:
        with opener(path, "rt", encoding=dialect.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=dialect.separator, strict=True)
            for _ in rows:
                start = rows.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            return f"line {start} has a quote that is never closed: all that follows would be one value"
    finally:
        csv.field_size_limit(usual)
    return None


def _found(path: Path, dialect: CsvDialect) -> str | None:
    opener = OPENERS.get(path.suffix, open)
    with opener(path, "rt", encoding=dialect.encoding, newline="") as file:
        rows = csv.reader(file, delimiter=dialect.separator)
        header, start = next(rows, []), rows.line_num + 1
        for row in rows:
            if row and len(row) != len(header):
                return _sentence(row, len(header), start, dialect)
            start = rows.line_num + 1
    return None


def _sentence(row: list[str], wanted: int, line: int, dialect: CsvDialect) -> str:
    text = dialect.separator.join(row)[:60]
    return (
        f"line {line}, {text!r}, has {len(row)} field{'s' * (len(row) != 1)} where the header has {wanted}: "
        "every row needs as many"
    )
