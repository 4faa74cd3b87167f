"""Do rows have the features of their own item? Where items recur, most of what an item is stays the same.

A row that differs from the other rows of its item may well be right: prices change. One that has, in all of
the columns that stay the same, exactly what another item has, belongs to that one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.gate.labelled import LabelledRows
from models.gate.stats import Ints, wilson
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

OFTEN = 3  # rows of an item, from which on it is known what it mostly has
STAYS = 0.4  # of an item's rows have a column's most frequent value: half of them may be others'
ALIKE = 0.1  # of the items are like another one; where more are, a change may well hit another's values
FEW, RARE = 10, 0.01  # rows that have another item's features, and their share: fewer are no fault of a table
SHOWN = 3
NAME = "features of other items"


def other_items(subject: Subject) -> Iterator[Check]:
    """No row has the features of another item than its own."""
    if subject.rows is None or subject.rows.rows.items is None:
        return
    found = foreign(subject.rows.rows)
    if found is None:
        return
    rows, owners = found
    share = len(rows) / len(subject.rows.rows.label)
    if len(rows) < FEW or share < RARE:
        yield Check(
            NAME, Result.PASS, "rows of one item are alike, or no other item's", share, RARE, unit=SHARE
        )
        return
    of = subject.rows.rows
    named = "; ".join(
        f"{of.names[row]} has those of {owner}" for row, owner in zip(rows[:SHOWN], owners, strict=False)
    )
    sentence = f"{len(rows):,} rows have the features of another item ({named}): were they swapped?"
    yield Check(NAME, Result.HOLD, sentence, share, RARE, "items that recur", SHARE)


def foreign(rows: LabelledRows) -> tuple[Ints, list[str]] | None:
    """The rows whose lasting columns are another item's, and whose; None where that can't be told."""
    if rows.items is None:
        return None
    names, item, counts = np.unique(rows.items.astype(str), return_inverse=True, return_counts=True)
    known = counts[item] >= OFTEN
    lasting = [codes for codes in map(_codes, rows.features.values()) if _stays(codes, item, known)]
    if not known.any() or not lasting:
        return None
    vector = np.unique(np.column_stack(lasting), axis=0, return_inverse=True)[1].ravel()
    usual = _most(vector, item)
    owners: dict[int, int] = {}
    for place in np.flatnonzero(counts >= OFTEN).tolist():
        owners.setdefault(int(usual[place]), place)
    apart = 1 - len(owners) / int((counts >= OFTEN).sum())
    strange = np.flatnonzero(known & (vector != usual[item]))
    hit = np.array([row for row in strange.tolist() if int(vector[row]) in owners], np.int64)
    low, _ = wilson(len(hit), max(1, len(strange)))
    if apart > ALIKE or low < 0.5:
        return np.empty(0, np.int64), []
    return hit, [str(names[owners[int(vector[row])]]) for row in hit[:SHOWN].tolist()]


def _codes(column: NDArray[np.generic]) -> Ints:
    values = column.astype(str) if column.dtype == object else np.nan_to_num(column, nan=-1e30)
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def _most(codes: Ints, item: Ints) -> Ints:
    """The most frequent code of each item; int64 (items)."""
    pairs, counts = np.unique(np.column_stack((item, codes)), axis=0, return_counts=True)
    order = np.lexsort((-counts, pairs[:, 0]))
    first = order[np.unique(pairs[order, 0], return_index=True)[1]]
    return np.asarray(pairs[first, 1])


def _stays(codes: Ints, item: Ints, known: NDArray[np.bool_]) -> bool:
    """Whether a column that differs between items mostly stays as it is on the rows of one."""
    own = codes[known]
    if len(own) == 0 or (own == own[0]).all():
        return False
    return float((codes == _most(codes, item)[item])[known].mean()) >= STAYS
