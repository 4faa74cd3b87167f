"""The order of an answer without scores: as the client sent the items, or by one of their features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items

AS_GIVEN = "as given"


def order(how: str, items: Items | None, rows: NDArray[np.int64] | None, count: int) -> NDArray[np.int64]:
    """int64[count], places best first: by the feature that `how` names, highest first ("-price": lowest).

    Equal ones keep their order, missing ones come last. `rows` are the items' in the catalogue. Raises
    LookupError, with a sentence, where the feature can't be had.
    """
    if how == AS_GIVEN:
        return np.arange(count)
    name = how.removeprefix("-")
    if items is None or rows is None:
        raise LookupError(f"{name} can't be had")
    if name not in items.numeric_names:
        raise LookupError(f"catalogue {items.snapshot} has no {name}")
    values = items.numeric[items.numeric_names.index(name)][rows]
    return np.argsort(values if how[0] == "-" else -values, kind="stable")  # NaN is sorted last
