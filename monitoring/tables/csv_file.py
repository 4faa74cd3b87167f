"""A csv file as columns of text, each value as it is written, null where it is missing.

Arrow's reader with every column declared as text: nothing is inferred, so `007`, `1e5` and `NA` stay what
they are, wherever in the file they stand.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.errors import UserError
from monitoring.tables.dialect import CsvDialect
from monitoring.tables.file_kind import other_kind
from monitoring.tables.odd_row import OPENERS, odd_row, open_quote

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 16 << 20  # bytes that are parsed at once: the most that one row may have
SEPARATORS = (";", "\t", "|", ",")


class CsvError(UserError, ValueError):
    """A file that is no csv table: `rule` goes on from the file's name."""

    def __init__(self, file: str, rule: str) -> None:
        super().__init__(f"{file} {rule}")
        self.file, self.rule = file, rule


def read_csv(path: Path, dialect: CsvDialect) -> pa.Table:
    """Every column of a csv (also .gz, .bz2, .zst) as text.

    Raises:
        CsvError: a row with another number of fields than the header (by its line), a quote that is never
            closed, a name twice in the header, another encoding, another separator, no rows at all, or a file
            of another kind.
        OSError: the file cannot be read.

    >>> _ = Path("t.csv").write_text("id,code\\n007,NA\\n8,\\n")
    >>> read_csv(Path("t.csv"), CsvDialect()).to_pydict()
    {'id': ['007', '8'], 'code': ['NA', None]}
    """
    import pyarrow as pa

    if (kind := other_kind(path)) is not None:
        raise CsvError(path.name, kind)
    try:
        table = _parsed(path, dialect)
        names = table.column_names  # decoded only now
    except UnicodeDecodeError as error:
        raise CsvError(path.name, _encoding(path, dialect)) from error
    except LookupError as error:
        raise CsvError(path.name, f"is said to be in {dialect.encoding!r}, which no codec reads") from error
    except pa.ArrowInvalid as error:
        raise CsvError(path.name, _reason(path, dialect, str(error))) from error
    _header(path, dialect, names)
    if _runs_on(table) and (rule := open_quote(path, dialect)) is not None:
        raise CsvError(path.name, rule)
    return table


def separator_of(path: Path) -> str:
    """The separator that the header has most of, for tables that nobody declares; a comma without any."""
    opener = OPENERS.get(path.suffix, open)
    with opener(path, "rt", encoding="latin-1", errors="replace") as file:
        header: str = file.readline()
    return max((",", *SEPARATORS), key=header.count)


def _parsed(path: Path, dialect: CsvDialect) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(block_size=BLOCK, encoding=dialect.encoding),
        parse_options=csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            default_column_type=pa.string(), null_values=sorted(dialect.no_text), strings_can_be_null=True
        ),
    )


def _runs_on(table: pa.Table) -> bool:
    """Whether the last value is of several lines: what follows a quote that is never closed is one value."""
    last = table.column(-1)[-1].as_py() if table.num_rows and table.num_columns else None
    return last is not None and ("\n" in last or "\r" in last)


def _encoding(path: Path, dialect: CsvDialect) -> str:
    likely = "utf-16" if _marked_utf_16(path) else "latin-1"
    return (
        f"is not {dialect.encoding} throughout: save it as that, or name its encoding in the [data] of "
        f'ranker.toml, such as csv = {{ encoding = "{likely}" }}'
    )


def _reason(path: Path, dialect: CsvDialect, said: str) -> str:
    if "UTF8" in said or _marked_utf_16(path):
        return _encoding(path, dialect)
    if "Empty CSV file" in said:
        return "is empty: a table needs rows"
    if "straddling" in said:
        return f"has a row of more than {BLOCK >> 20} MB, or a quote that is never closed"
    return odd_row(path, dialect) or f"cannot be read as csv: {re.sub(r'^CSV parse error: ', '', said)}"


def _marked_utf_16(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)


def _header(path: Path, dialect: CsvDialect, names: list[str]) -> None:
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        rule = f"has the column {twice[0]!r} twice in its header: a column has a name of its own"
        raise CsvError(path.name, rule)
    other = [mark for mark in SEPARATORS if mark != dialect.separator and mark in names[0]]
    if len(names) == 1 and other:
        rule = (
            f"has one column, {names[0][:60]!r}: if it is separated by {other[0]!r}, say so in the [data] of "
            f"ranker.toml: csv = {{ separator = {_toml(other[0])} }}"
        )
        raise CsvError(path.name, rule)


def _toml(mark: str) -> str:
    return '"\\t"' if mark == "\t" else f'"{mark}"'
