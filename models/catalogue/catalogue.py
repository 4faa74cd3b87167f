"""Immutable item snapshots on disk, memory-mapped, so that all workers of a host share one copy.

A snapshot is a folder named by the digest of its content:

    meta.json        names, vocabularies, size, time, and the length of every file beside it
    numeric.npy      float32 (F, N), one feature after the other; NaN is missing
    codes.npy        int32 (C, N), positions in the vocabularies; -1 is missing
    ids.npy          int64 (N), or uint8 bytes of UTF-8 ids with offsets.npy int64 (N + 1)
    index.npy        uint64, the hash index of models/catalogue/idindex.py
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.catalogue import idindex, idlookup
from models.catalogue.idspans import IdSpans
from models.catalogue.snapshot import FORMAT, CatalogueError, content_digest, write_catalogue

__all__ = ["Catalogue", "CatalogueError", "Items", "write_catalogue"]

_READ = (1, FORMAT)  # 1 is laid out alike
_DTYPES = {"numeric": "<f4", "codes": "<i4", "index": "<u8", "offsets": "<i8"}


class Items(Protocol):
    """Features of N items, wherever they were read from: what an engine scores rows of."""

    @property
    def snapshot(self) -> str:
        """The snapshot that they are of."""

    @property
    def size(self) -> int:
        """N."""

    @property
    def numeric_names(self) -> tuple[str, ...]:
        """Names of the rows of `numeric`."""

    @property
    def categorical_names(self) -> tuple[str, ...]:
        """Names of the rows of `codes`."""

    @property
    def vocabularies(self) -> tuple[tuple[str, ...], ...]:
        """For each categorical feature, what its codes mean."""

    @property
    def numeric(self) -> NDArray[np.float32]:
        """(F, N), NaN where missing."""

    @property
    def codes(self) -> NDArray[np.int32]:
        """(C, N), positions in `vocabularies`, -1 where missing."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One open snapshot: F numeric and C categorical features of N items. Safe to share between threads."""

    folder: Path
    snapshot: str
    created: float
    """Unix seconds."""
    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    numeric: NDArray[np.float32]
    """(F, N), NaN where missing."""
    codes: NDArray[np.int32]
    """(C, N), positions in `vocabularies`, -1 where missing."""
    vocabularies: tuple[tuple[str, ...], ...]
    _ids: NDArray[Any]
    _offsets: NDArray[np.int64] | None
    _index: NDArray[np.uint64]

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map the snapshot at `folder`. `verify` also reads it all and compares its digest.

        Raises CatalogueError, naming the file, where one is missing, shortened or of another shape.

        >>> price = np.array([2.5, 9.0], np.float32)
        >>> snapshot = write_catalogue(Path("catalogue"), ["cup", "pot"], {"price": price}, {}, created=0.0)
        >>> catalogue = Catalogue.open(Path("catalogue") / snapshot)
        >>> catalogue.rows(["pot", "pan"]).tolist()
        [1, -1]
        >>> catalogue.numeric[:, 1].tolist()
        [9.0]
        """
        meta = _meta(folder)
        count, text = meta["size"], meta["ids"] == "text"
        wanted: dict[str, tuple[int, ...]] = {
            "numeric": (len(meta["numeric"]), count),
            "codes": (len(meta["vocabularies"]), count),
            "index": (idindex.slots_for(count),),
            "ids": (-1,) if text else (count,),
        } | ({"offsets": (count + 1,)} if text else {})
        arrays = {name: _map(folder / f"{name}.npy", shape, meta) for name, shape in wanted.items()}
        offsets = arrays.get("offsets")
        if offsets is not None and (offsets[0] != 0 or offsets[-1] != arrays["ids"].size):
            raise CatalogueError(f"{folder / 'offsets.npy'} does not fit ids.npy")
        if verify:
            _verify(folder, meta, arrays)
        return cls(
            folder=folder,
            snapshot=meta["snapshot"],
            created=float(meta["created"]),
            numeric_names=tuple(meta["numeric"]),
            categorical_names=tuple(meta["vocabularies"]),
            numeric=arrays["numeric"],
            codes=arrays["codes"],
            vocabularies=tuple(tuple(words) for words in meta["vocabularies"].values()),
            _ids=arrays["ids"],
            _offsets=offsets,
            _index=arrays["index"],
        )

    @classmethod
    def absent(cls, snapshot: str, id_type: type) -> Self:
        """A catalogue without items, in place of a snapshot that is not read; ids are of `id_type`."""
        return cls(
            folder=Path(),
            snapshot=snapshot,
            created=0.0,
            numeric_names=(),
            categorical_names=(),
            numeric=np.empty((0, 0), np.float32),
            codes=np.empty((0, 0), np.int32),
            vocabularies=(),
            _ids=np.empty(0, np.int64 if id_type is int else np.uint8),
            _offsets=None if id_type is int else np.zeros(1, np.int64),
            _index=np.zeros(idindex.slots_for(1), np.uint64),
        )

    @property
    def size(self) -> int:
        """How many items there are."""
        return int(self._index.size and self.codes.shape[1])

    @property
    def id_type(self) -> type[str] | type[int]:
        """What ids are: `str` or `int`."""
        return int if self._offsets is None else str

    def rows(self, ids: Sequence[str] | Sequence[int]) -> NDArray[np.int64]:
        """int64[n]: the row of each id, -1 where unknown. Raises TypeError for ids of the other type."""
        if isinstance(ids, IdSpans):
            return ids.rows(self)
        if self._offsets is None:
            return idlookup.number_rows(ids, self._index, self._ids)  # type: ignore[arg-type]
        return idlookup.text_rows(ids, self._index, self._ids, self._offsets)  # type: ignore[arg-type]

    def rows_of(self, spans: IdSpans) -> NDArray[np.int64]:
        """What `rows` gives for the same ids. Raises TypeError for ids of the other type."""
        if (spans.numbers is None) is (self._offsets is None):
            raise TypeError(f"ids of the catalogue {self.folder.name} are {self.id_type.__name__}")
        if spans.numbers is not None:
            return idlookup.rows_of_numbers(spans.numbers, self._index, self._ids)
        assert self._offsets is not None  # noqa: S101 - just compared
        first = int(spans.starts[0]) + 1
        ends = spans.stops - (1 + first)
        return idlookup.rows_of_slices(
            spans.text[first:], ends, spans.gap, self._index, self._ids, self._offsets
        )

    def ids(self, rows: NDArray[np.int64]) -> list[str] | list[int]:
        """The ids of `rows`, each of which must be in [0, size)."""
        if self._offsets is None:
            return self._ids[rows].tolist()  # type: ignore[no-any-return]
        text = self._ids.data
        starts, stops = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        return [str(text[start:stop], "utf-8") for start, stop in zip(starts, stops, strict=True)]


def proven(folder: Path) -> str:
    """The id of the snapshot at `folder`, once every byte is read and its digest compared.

    Raises CatalogueError for one that is none, or not what it says.
    """
    return Catalogue.open(folder, verify=True).snapshot


def _meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{folder} is no catalogue snapshot: it has no meta.json") from None
    except ValueError as error:
        raise CatalogueError(f"{folder / 'meta.json'} is not valid JSON: {error}") from None
    wanted = {"format", "snapshot", "created", "size", "ids", "numeric", "vocabularies", "files"}
    if not isinstance(meta, dict) or not wanted <= meta.keys():
        raise CatalogueError(f"{folder / 'meta.json'} lacks one of {', '.join(sorted(wanted))}")
    if meta["format"] not in _READ:
        raise CatalogueError(
            f"{folder / 'meta.json'} has format {meta['format']!r}: this release reads {FORMAT}"
        )
    return meta


def _map(path: Path, shape: tuple[int, ...], meta: Mapping[str, Any]) -> NDArray[Any]:
    name = path.stem
    dtype = _DTYPES.get(name) or ("|u1" if meta["ids"] == "text" else "<i8")
    try:
        length = path.stat().st_size
        if length != meta["files"].get(path.name):
            raise CatalogueError(f"{path} has {length} bytes: meta.json says {meta['files'].get(path.name)}")
        empty = length and 0 in shape  # a file without values can't be mapped
        values = np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)
    except FileNotFoundError:
        raise CatalogueError(f"{path} is missing") from None
    except (ValueError, EOFError) as error:
        raise CatalogueError(f"{path} is no array file: {error}") from None
    if values.dtype.str != dtype or values.ndim != len(shape) or shape not in ((-1,), values.shape):
        raise CatalogueError(
            f"{path} holds {values.dtype}{list(values.shape)}: {dtype}{list(shape)} is needed"
        )
    return np.asarray(values)


def _verify(folder: Path, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    described = {name: meta[name] for name in ("format", "size", "ids", "numeric", "vocabularies")}
    digest = content_digest(described, arrays)
    if digest != meta["snapshot"]:
        raise CatalogueError(f"{folder} has content of digest {digest}: meta.json says {meta['snapshot']}")
    index = np.zeros_like(arrays["index"])
    if "offsets" in arrays:
        idindex.build_text(index, arrays["ids"], arrays["offsets"])
    else:
        idindex.build_numbers(index, arrays["ids"])
    if not np.array_equal(index, arrays["index"]):
        raise CatalogueError(f"{folder / 'index.npy'} is not the index of the ids")
