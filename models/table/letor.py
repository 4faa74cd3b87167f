"""LETOR text (SVMlight with queries): `label qid:N feature:value …`, one row a line, `#` comments."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import numpy as np

from models.declaration.refusal import DataError

if TYPE_CHECKING:
    import pandas as pd


def read_letor(path: Path) -> pd.DataFrame:
    """Columns label, qid and f1 … fN (N: the largest number in the file); a feature that is left out is 0.

    Raises:
        DataError: a line that is none of the above, named by its number.
    """
    import pandas as pd

    labels: list[float] = []
    queries: list[str] = []
    rows: list[int] = []
    places: list[int] = []
    values: list[float] = []
    for number, words in _lines(path):
        try:
            label, query, found = _parsed(words)
        except ValueError:
            line = " ".join(words)[:60]
            raise DataError(
                path.name, f"line {number}", line, "is not `label qid:N feature:value …`"
            ) from None
        rows += [len(labels)] * len(found)
        labels.append(label)
        queries.append(query)
        places += [place for place, _ in found]
        values += [value for _, value in found]
    dense = np.zeros((len(labels), max(places, default=0)), dtype=np.float32)
    dense[rows, np.array(places, dtype=np.int64) - 1] = values
    features = pd.DataFrame(dense, columns=[f"f{place + 1}" for place in range(dense.shape[1])])
    return pd.concat([pd.DataFrame({"label": labels, "qid": queries}), features], axis=1)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    opener: Callable[..., TextIO] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            words = line.partition("#")[0].split()
            if words:
                yield number, words


def _parsed(words: list[str]) -> tuple[float, str, list[tuple[int, float]]]:
    key, _, query = words[1].partition(":") if len(words) > 1 else ("", "", "")
    if key != "qid" or not query:
        raise ValueError
    pairs = [word.split(":") for word in words[2:]]
    found = [(int(place), float(value)) for place, value in pairs]
    if any(place < 1 for place, _ in found):
        raise ValueError
    return float(words[0]), query, found
