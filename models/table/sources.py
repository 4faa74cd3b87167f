"""Where a declared table comes from: a csv, parquet or LETOR file beside the declaration, or a function."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError, DeclarationError
from models.features import CrossError, load_function
from models.table.letor import read_letor

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


@dataclass(frozen=True, eq=False)
class Source:
    """A table as it was found. `digest` follows from its content."""

    frame: pd.DataFrame
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
        frame, digest = _called(declaration, home)
        return Source(_filled(declaration, "data.source", frame), digest, 0)
    main, digest = _file(declaration, "data.source", declaration.data.source)
    if declaration.data.test is None:
        return Source(main, digest, 0)
    test, other = _file(declaration, "data.test", declaration.data.test)
    both = pd.concat([main, test], ignore_index=True)
    if _format(declaration, "data.source", declaration.data.source) == "letor":
        both = both.fillna(
            dict.fromkeys(_numbered(both), 0.0)
        )  # absent is 0, also where a whole file lacks it
    return Source(both, hashlib.sha256(f"{digest}{other}".encode()).hexdigest()[:16], len(test))


def _numbered(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in ("label", "qid")]


def _file(declaration: Declaration, key: str, name: str) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    path = declaration.folder / name
    form = _format(declaration, key, name)
    if not path.is_file():
        raise DeclarationError(declaration.file, key, name, "is no file, seen from the declaration's folder")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    readers: dict[str, Callable[[], pd.DataFrame]] = {
        "csv": lambda: pd.read_csv(path, dtype=dict.fromkeys(_texts(declaration), str)),
        "parquet": lambda: pd.read_parquet(path),
        "letor": lambda: read_letor(path),
    }
    try:
        return _filled(declaration, key, readers[form]()), digest
    except (DataError, MemoryError):
        raise
    except Exception as error:  # pandas and pyarrow raise many kinds for files that are not what they claim
        if type(error).__name__ == "EmptyDataError":
            raise DataError(declaration.file, key, name, "is empty: a table needs rows") from error
        raise DataError(declaration.file, key, name, f"cannot be read as {form}: {error}") from error


def _texts(declaration: Declaration) -> list[str]:
    """Columns whose values are names even where they look like numbers: 007 stays 007."""
    return [name for name in declaration.categorical if "*" not in name]


def _format(declaration: Declaration, key: str, name: str) -> str:
    if declaration.data.format is not None:
        return declaration.data.format
    suffix = Path(name.removesuffix(".gz")).suffix.removeprefix(".").lower()
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


def _called(declaration: Declaration, home: Path | None) -> tuple[pd.DataFrame, str]:
    """A function's table. Where its module has `source_digest`, the table is kept under that name."""
    import pandas as pd

    name = declaration.data.source
    make = _function(declaration, name)
    known = _optional(name.partition(":")[0] + ":source_digest")
    if known is None:
        frame = make()
        sums = pd.util.hash_pandas_object(frame, index=False).to_numpy()
        return frame, hashlib.sha256(sums.tobytes()).hexdigest()[:16]
    digest = known()
    if home is None:
        return make(), digest
    path = home / "data" / f"{name.replace(':', '.')}-{digest}.parquet"
    if not path.is_file():
        _keep(make(), path)
    return pd.read_parquet(path), digest


def _keep(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    frame.to_parquet(draft, index=False)
    draft.replace(path)  # whole or not at all, also when two processes prepare at once


def _function(declaration: Declaration, name: str) -> Callable[..., Any]:
    try:
        return load_function(name, "data.source")
    except CrossError as error:
        rule = f'must be a file or "module:function" that can be imported: {error.__cause__ or error}'
        raise DeclarationError(declaration.file, "data.source", name, rule) from error


def _optional(name: str) -> Callable[..., Any] | None:
    try:
        return load_function(name, "data.source")
    except CrossError:
        return None
