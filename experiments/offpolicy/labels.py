"""Labels of rows as small numbers: the text of each is made once, whatever the number of rows."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Labels(NamedTuple):
    """Rows by their label: `codes` int64[m] are places in `names`, distinct text in ascending order."""

    names: list[str]
    codes: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> "Labels":
        """Those of some rows; names that none of them has stay."""
        return Labels(self.names, self.codes[rows])


def coded(values: NDArray[np.object_]) -> Labels:
    """The labels of values as text, object[m].

    >>> coded(np.array(["b", "a", 3, "b"], object))
    Labels(names=['3', 'a', 'b'], codes=array([2, 1, 0, 2]))
    """
    if pd.api.types.infer_dtype(values, skipna=False) in {"string", "integer"}:
        first, distinct = pd.factorize(values)
    else:  # 1, 1.0 and True are equal, and their texts aren't
        first, distinct = np.arange(len(values)), values
    names, places = np.unique(np.asarray(distinct, object).astype(str), return_inverse=True)
    return Labels(names.tolist(), np.asarray(places[first], np.int64))
