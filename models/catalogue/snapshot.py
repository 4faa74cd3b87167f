"""How a snapshot is written: models/catalogue/catalogue.py says what it is, and reads it."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import idindex
from monitoring.errors import UserError

FORMAT = 2


class CatalogueError(UserError, ValueError):
    """A table that can't become a snapshot, or a folder that is none; the sentence says which and why."""


def write_catalogue(
    root: Path,
    ids: Sequence[str] | NDArray[np.int64],
    numeric: Mapping[str, NDArray[np.float32]],
    categorical: Mapping[str, Sequence[str | None]],
    created: float,
) -> str:
    """Write a snapshot below `root` and return its id, the digest of its content (not of `created`).

    Every column has one value per id; `created` is in unix seconds. Appears whole or not at all; a snapshot
    that is there already is left as it is. Raises CatalogueError for duplicate ids, and for a column of
    another length.

    >>> price, kind = np.array([2.5, 9.0], np.float32), ["small", None]
    >>> write_catalogue(Path("catalogue"), ["cup", "pot"], {"price": price}, {"kind": kind}, created=0.0)
    '...'
    >>> sorted(path.name for path in Path("catalogue").glob("*/*"))
    ['codes.npy', 'ids.npy', 'index.npy', 'meta.json', 'numeric.npy', 'offsets.npy']
    """
    arrays, text = _id_arrays(ids)
    count = len(ids)
    arrays["numeric"] = _numeric(numeric, count)
    arrays["codes"], vocabularies = _codes(categorical, count)
    meta: dict[str, Any] = {
        "format": FORMAT,
        "size": count,
        "ids": "text" if text else "integer",
        "numeric": list(numeric),
        "vocabularies": vocabularies,
    }
    snapshot = content_digest(meta, arrays)
    if not (root / snapshot / "meta.json").exists():
        _write(root, snapshot, meta | {"snapshot": snapshot, "created": created}, arrays)
    return snapshot


def _id_arrays(ids: Sequence[str] | NDArray[np.int64]) -> tuple[dict[str, NDArray[Any]], bool]:
    if not 0 < len(ids) <= idindex.MAX_ITEMS:
        raise CatalogueError(f"a catalogue has {len(ids)} ids: it needs 1 to {idindex.MAX_ITEMS}")
    index = np.zeros(idindex.slots_for(len(ids)), np.uint64)
    if isinstance(ids[0], str):
        parts = [_encoded(one) for one in ids]
        offsets = np.zeros(len(parts) + 1, np.int64)
        np.cumsum([len(part) for part in parts], out=offsets[1:])
        text = np.frombuffer(b"".join(parts), np.uint8)
        repeated = idindex.build_text(index, text, offsets)
        arrays: dict[str, NDArray[Any]] = {"ids": text, "offsets": offsets, "index": index}
    else:
        numbers = np.asarray(ids)
        if numbers.dtype.kind not in "iu" or numbers.ndim != 1:
            raise CatalogueError(f"ids of type {numbers.dtype}: they must all be strings or all be integers")
        numbers = np.ascontiguousarray(numbers, np.int64)
        repeated = idindex.build_numbers(index, numbers)
        arrays = {"ids": numbers, "index": index}
    if repeated >= 0:
        one = ids[repeated] if "offsets" in arrays else int(ids[repeated])
        raise CatalogueError(f"id {one!r} occurs twice: an item has one row")
    return arrays, "offsets" in arrays


def _encoded(one: object) -> bytes:
    if not isinstance(one, str):
        raise CatalogueError(f"id {one!r} among strings: ids must all be strings or all be integers")
    try:
        return one.encode()
    except UnicodeEncodeError as error:
        raise CatalogueError(f"id {one!r} is no valid Unicode: {error.reason}") from None


def _numeric(columns: Mapping[str, NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    values = np.empty((len(columns), count), np.float32)
    for place, (name, column) in enumerate(columns.items()):
        if np.shape(column) != (count,):
            raise CatalogueError(
                f"column {name!r} has shape {np.shape(column)}: it needs one value per id, {count}"
            )
        values[place] = column
    return values


def _codes(
    columns: Mapping[str, Sequence[str | None]], count: int
) -> tuple[NDArray[np.int32], dict[str, list[str]]]:
    codes = np.full((len(columns), count), -1, np.int32)
    vocabularies: dict[str, list[str]] = {}
    for place, (name, column) in enumerate(columns.items()):
        if len(column) != count:
            raise CatalogueError(f"column {name!r} has {len(column)} values: it needs one per id, {count}")
        words: dict[str, int] = {}
        for row, word in enumerate(column):
            if word is None:
                continue
            if not isinstance(word, str):
                raise CatalogueError(f"column {name!r}, id row {row}: {word!r} is neither a string nor None")
            codes[place, row] = words.setdefault(word, len(words))
        vocabularies[name] = list(words)
    return codes, vocabularies


def content_digest(meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """The snapshot's id, 16 hex digits: of what describes it, and of its arrays by name."""
    content = hashlib.sha256(json.dumps(meta, sort_keys=False).encode())
    for name in ("ids", "offsets", "numeric", "codes"):  # the index follows from the ids
        if name in arrays:
            content.update(name.encode())
            content.update(np.ascontiguousarray(arrays[name]).reshape(-1).view(np.uint8).data)
    return content.hexdigest()[:16]


def _write(root: Path, snapshot: str, meta: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=root))
    try:
        for name, values in arrays.items():
            np.save(draft / f"{name}.npy", values, allow_pickle=False)
        meta["files"] = {path.name: path.stat().st_size for path in sorted(draft.iterdir())}
        (draft / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o444)  # a snapshot never changes: whoever would write into one is told so
        draft.chmod(0o755)
        _publish(draft, root / snapshot)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, target: Path) -> None:
    try:
        draft.replace(target)
    except OSError:
        if not (target / "meta.json").exists():  # otherwise another process wrote the same content first
            raise
