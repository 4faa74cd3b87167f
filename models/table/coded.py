"""A column of names as numbers of its different names, and the columns of a table by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.features import MISSING
from models.table.arrow_column import texts
from models.table.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class CodedColumn:
    """n names: `words`, different ones, by `codes` (int32, n)."""

    codes: NDArray[np.int32]
    words: NDArray[np.object_]

    def at(self, rows: Any = slice(None)) -> NDArray[np.object_]:
        """The names of some rows, each name one object however often it is met."""
        found: NDArray[np.object_] = self.words[self.codes[rows]]
        return found

    def kept(self, spool: Spool) -> CodedColumn:
        """The same with its codes in a file."""
        return CodedColumn(spool.keep(self.codes), self.words)


def coded(column: pa.ChunkedArray) -> CodedColumn:
    """The names of a column, as `texts` gives them. ColumnError: as there.

    >>> import pyarrow as pa
    >>> found = coded(pa.chunked_array([["b", None], ["a", "b"]]))
    >>> found.codes.tolist(), found.words.tolist(), found.at([0, 1]).tolist()
    ([0, 2, 1, 0], ['b', 'a', ''], ['b', ''])
    """
    import pandas as pd
    import pyarrow as pa

    dictionary = column.dictionary_encode().unify_dictionaries()
    parts = [chunk.indices.fill_null(-1).to_numpy() for chunk in dictionary.chunks]
    first = dictionary.chunk(0).dictionary if parts else pa.array([], column.type)
    names = np.append(texts(pa.chunked_array([first])), MISSING)  # the last one is where code −1 leads
    place, words = pd.factorize(names)  # what prints alike is one name
    return CodedColumn(place.astype(np.int32)[np.concatenate(parts)], np.asarray(words, dtype=object))


class Values(Mapping[str, NDArray[Any]]):
    """A table's columns by name: in memory, or read from a spool each time that one is asked for."""

    def __init__(
        self, columns: Mapping[str, NDArray[Any] | CodedColumn], let_go: Callable[[], None] | None = None
    ) -> None:
        self._columns, self._let_go = columns, let_go

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.at(name, slice(None))

    def at(self, name: str, rows: Any) -> NDArray[Any]:
        """The values of some rows."""
        if self._let_go is not None:
            self._let_go()
        column = self._columns[name]
        return column.at(rows) if isinstance(column, CodedColumn) else column[rows]

    def coded(self, name: str) -> CodedColumn:
        """A column of names as numbers."""
        import pandas as pd

        column = self._columns[name]
        if isinstance(column, CodedColumn):
            return column
        codes, words = pd.factorize(column)
        return CodedColumn(codes.astype(np.int32), np.asarray(words, dtype=object))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
