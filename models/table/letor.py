"""LETOR text (SVMlight with queries): `label qid:N feature:value …`, one row a line, `#` comments.

Feature numbers are dense columns here, so the largest one is bounded. A value may be `NULL` (MQ2007-agg) or
`nan`: it is missing; a feature that is left out is 0.
"""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np
from numpy.typing import NDArray

from models.declaration.refusal import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST = 20_000
"""Features: a hundred times what public LETOR sets have; a table is dense, 4 bytes a cell."""
MEMORY = 16 << 30  # bytes of the dense table: beyond it the file is for another tool
WORDS = {"null": "nan"}
FORM = "is not `label qid:N feature:value …`"


def read_letor(path: Path) -> pd.DataFrame:
    """Columns label, qid and f1 … fN (N: the largest number in the file); a feature that is left out is 0.

    Raises:
        DataError: a line that is none of the above or has a feature number above MOST, named by its number; a
            table that is too large.
    """
    import pandas as pd

    found = _Sparse()
    for number, words in _lines(path):
        try:
            found.add(words)
        except ValueError as error:
            rule = str(error) if isinstance(error, _NumberError) else FORM
            raise DataError(path.name, f"line {number}", " ".join(words)[:60], rule) from None
    dense = found.dense(path.name)
    features = pd.DataFrame(dense, columns=[f"f{place + 1}" for place in range(dense.shape[1])], copy=False)
    return pd.concat(
        [pd.DataFrame({"label": np.asarray(found.labels), "qid": found.queries}), features], axis=1
    )


class _NumberError(ValueError):
    """A feature number that no table here has."""


@dataclass
class _Sparse:
    """What has been read so far: packed arrays, 12 bytes a value, as the file has them."""

    labels: array[float] = field(default_factory=lambda: array("d"))
    queries: list[str] = field(default_factory=list)
    counts: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("i"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, words: list[str]) -> None:
        """One line. ValueError where it is none."""
        key, _, query = words[1].partition(":") if len(words) > 1 else ("", "", "")
        if key != "qid" or not query:
            raise ValueError
        label = float(words[0])
        pairs = [word.split(":") for word in words[2:]]
        places = [_place(place) for place, _ in pairs]
        if len({*places}) < len(places):
            raise _NumberError("has one feature twice")
        self.values.extend([float(WORDS.get(value.lower(), value)) for _, value in pairs])
        self.places.extend(places)
        self.counts.append(len(places))
        self.labels.append(label)
        self.queries.append(query)

    def dense(self, file: str) -> NDArray[np.float32]:
        """float32 (rows, N)."""
        places = np.asarray(self.places, dtype=np.int64)
        shape = (len(self.labels), int(places.max(initial=0)))
        if 4 * shape[0] * shape[1] > MEMORY:
            rule = f"rows with {shape[1]:,} features are more than {MEMORY >> 30} GB: give them as Parquet"
            raise DataError(file, "rows", shape[0], rule)
        found = np.zeros(shape, dtype=np.float32)
        found[np.repeat(np.arange(shape[0]), np.asarray(self.counts)), places - 1] = self.values
        return found


def _place(word: str) -> int:
    if not (word.isascii() and word.isdigit()) or int(word[:20]) < 1:
        raise ValueError
    if len(word) > 9 or int(word) > MOST:
        raise _NumberError(f"has feature {word[:20]}: the largest that is read is {MOST:,}")
    return int(word)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    opener: Callable[..., TextIO] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            words = line.partition("#")[0].split()
            if words:
                yield number, words
