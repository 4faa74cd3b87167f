"""Where a declared table comes from: a csv, parquet or LETOR file beside the declaration, or a function."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError, DeclarationError
from models.table.file_frame import FileFrame, file_frame
from models.table.letor import read_letor
from models.table.made_table import made
from models.table.parquet_file import as_frame, read_parquet
from monitoring.tables.csv_file import CsvError, read_csv

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = {
    "csv": "csv",
    "parquet": "parquet",
    "pq": "parquet",
    "svm": "letor",
    "letor": "letor",
    "txt": "letor",
}
PACKED = ("gz", "bz2", "zst")


@dataclass(frozen=True, eq=False)
class Source:
    """A table as it was found. `digest` follows from its content."""

    frame: pd.DataFrame | FileFrame
    digest: str
    test_rows: int
    """How many rows, at the end, are of the declared test file."""


def load(declaration: Declaration, home: Path | None) -> Source:
    """Read the table, with the test file's rows at the end; a function's table is kept below `home`/data.

    Raises:
        DeclarationError: no such file or function, an unknown format.
        DataError: a file without rows, or one that cannot be parsed.
    """
    import pandas as pd

    if ":" in declaration.data.source:
        frame, digest = made(declaration, home)
        return Source(_filled(declaration, "data.source", frame), digest, 0)
    large = _large(declaration)
    if large is not None:
        return large
    main, digest = _file(declaration, "data.source", declaration.data.source)
    if declaration.data.test is None:
        return Source(main, digest, 0)
    test, other = _file(declaration, "data.test", declaration.data.test)
    if _format(declaration, "data.source", declaration.data.source) == "letor":
        names = max(main.columns, test.columns, key=len)  # absent is 0, also where a whole file lacks it
        main, test = (part.reindex(columns=names, fill_value=np.float32(0)) for part in (main, test))
    both = pd.concat([main, test], ignore_index=True)
    return Source(both, _both(digest, other), len(test))


def _large(declaration: Declaration) -> Source | None:
    """Parquet files whose columns are read one by one; None for tables that are small, or not Parquet."""
    keys = [key for key in ("data.source", "data.test") if getattr(declaration.data, key[5:]) is not None]
    names = {key: getattr(declaration.data, key[5:]) for key in keys}
    paths = tuple(declaration.folder / name for name in names.values())
    if any(_format(declaration, *each) != "parquet" for each in names.items()):
        return None
    try:
        found = file_frame(paths)
    except Exception:  # pyarrow raises many kinds; what is wrong with the file is said where it is read
        return None
    if found is None:
        return None
    digests = [_digest(path) for path in paths]
    digest = digests[0] if len(digests) == 1 else _both(*digests)
    return Source(found, digest, found.stored[1] if len(paths) > 1 else 0)


def _both(digest: str, other: str) -> str:
    return hashlib.sha256(f"{digest}{other}".encode()).hexdigest()[:16]


def _file(declaration: Declaration, key: str, name: str) -> tuple[pd.DataFrame, str]:
    path = declaration.folder / name
    form = _format(declaration, key, name)
    if not path.is_file():
        raise DeclarationError(declaration.file, key, name, "is no file, seen from the declaration's folder")
    try:
        return _filled(declaration, key, _read(declaration, path, form)), _digest(path)
    except (DataError, MemoryError):
        raise
    except CsvError as error:
        raise DataError(declaration.file, key, name, error.rule) from error
    except Exception as error:  # pyarrow raises many kinds for files that are not what they claim
        raise DataError(declaration.file, key, name, f"cannot be read as {form}: {error}") from error


def _read(declaration: Declaration, path: Path, form: str) -> pd.DataFrame:
    if form == "letor":
        return read_letor(path)
    if form == "parquet":
        return read_parquet(path)
    return as_frame(read_csv(path, declaration.data.csv.dialect))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def kind_of(declaration: Declaration) -> str:
    """What the table comes from: csv, parquet, letor or function. DeclarationError for an unknown ending."""
    name = declaration.data.source
    return "function" if ":" in name else _format(declaration, "data.source", name)


def _format(declaration: Declaration, key: str, name: str) -> str:
    if declaration.data.format is not None:
        return declaration.data.format
    inner, dot, ending = name.rpartition(".")
    suffix = Path(inner if dot and ending.lower() in PACKED else name).suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES:
        rule = f"has no known ending ({', '.join(SUFFIXES)}): set data.format to csv, parquet or letor"
        raise DeclarationError(declaration.file, key, name, rule)
    return SUFFIXES[suffix]


def _filled(declaration: Declaration, key: str, frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        raise DataError(
            declaration.file, key, getattr(declaration.data, key[5:]), "is empty: a table needs rows"
        )
    return frame
