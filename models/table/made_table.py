"""A table that a function makes: found, called, and kept where it has a digest."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError, DeclarationError
from models.features import CrossError, load_function
from models.table.parquet_file import read_parquet

if TYPE_CHECKING:
    import pandas as pd


def made(declaration: Declaration, home: Path | None) -> tuple[pd.DataFrame, str]:
    """The table of the function data.source, and its digest.

    Where its module has `source_digest`, the table is kept under that name below `home`/data.

    Raises:
        DeclarationError: no such function.
        DataError: a table of values that are neither names nor numbers.
    """
    name = declaration.data.source
    make = _function(declaration, name)
    known = _optional(name.partition(":")[0] + ":source_digest")
    if known is None:
        frame = make()
        return frame, _sum(declaration, frame)
    digest = known()
    if home is None:
        return make(), digest
    path = home / "data" / f"{name.replace(':', '.')}-{digest}.parquet"
    if not path.is_file():
        _keep(make(), path)
    return read_parquet(path), digest


def _sum(declaration: Declaration, frame: pd.DataFrame) -> str:
    import pandas as pd

    try:
        sums = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    except TypeError as error:
        rule = f"returns a column of lists or other values that are no names or numbers: {error}"
        raise DataError(declaration.file, "data.source", declaration.data.source, rule) from error
    return hashlib.sha256(sums.tobytes()).hexdigest()[:16]


def _keep(frame: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    frame.to_parquet(draft, index=False)
    draft.replace(path)  # whole or not at all, also when two processes prepare at once


def _function(declaration: Declaration, name: str) -> Callable[..., Any]:
    """The function, looked for on Python's own path and then beside the file of the declaration."""
    folder = str(declaration.folder.resolve())
    beside = [folder] if declaration.origin else []  # a package's own declaration brings no code
    sys.path += beside
    try:
        return load_function(name, "data.source")
    except CrossError as error:
        rule = (
            'must be a file or "module:function" that can be imported, from the folder of '
            f"{declaration.file} ({folder}) or Python's path: {error.__cause__ or error}"
        )
        raise DeclarationError(declaration.file, "data.source", name, rule) from error
    finally:
        for each in beside:
            sys.path.remove(each)


def _optional(name: str) -> Callable[..., Any] | None:
    try:
        return load_function(name, "data.source")
    except CrossError:
        return None
