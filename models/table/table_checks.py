"""What must hold for a whole table, between its columns and rows; each promise is refused as a DataError."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.declaration import availability
from models.declaration.refusal import DataError
from models.table.columns import Floats, Reader, cell, plain
from models.table.rows import Table


def known_in_time(reader: Reader, time: Floats | None) -> None:
    """Refuse a feature that is known only after a row's decision, where a column says when it is.

    `time` is when each row of the source is decided, in unix seconds; None where no time is declared.
    """
    entries = reader.declaration.features.available_at
    columns: dict[str, NDArray[np.bool_]] = {}
    for name in (*reader.declaration.numeric, *reader.declaration.categorical):
        when = availability.entry(entries, name)
        if when is None or availability.offset_seconds(when) is not None or time is None:
            continue
        if when not in columns:
            columns[when] = ~(reader.moment("features.available_at", when, required=False) <= time)
        if columns[when].any():
            raise _too_late(reader, name, when, columns[when])


def _too_late(reader: Reader, name: str, when: str, late: NDArray[np.bool_]) -> DataError:
    row, own = int(np.argmax(late)), reader.declaration.data.time
    known, decided = (cell(reader.frame, str(column), row) for column in (when, own))
    rule = (
        f"is available at {when!r}, which is after the decision in {int(late.sum())} rows: "
        f"in row {row + 1} it is known at {known} and the decision is made at {decided}"
    )
    return reader.refusal("features.available_at", name, rule)


def check(table: Table, reader: Reader) -> None:
    """Refuse a table that cannot be learnt from and compared on, or whose requests contradict themselves."""
    _parts(table, reader)
    _one_part(table, reader)
    _distinct(table, reader)
    _shared(table, reader)


def _parts(table: Table, reader: Reader) -> None:
    data = table.declaration.data
    for part, mask in (("training", table.train), ("test", table.test)):
        if not mask.any():
            rule = f"leaves no row in the {part} part"
            raise reader.refusal("data.test_share", data.test_share, rule)
        if np.ptp(table.label[mask]) == 0:
            rule = f"has one value only in the {part} part: there is nothing to learn or to compare"
            raise reader.refusal("data.label", data.label, rule)


def _one_part(table: Table, reader: Reader) -> None:
    tested = table.requests_in(table.test)
    shared = tested[np.isin(tested, table.requests_in(table.train), kind="table")]
    if len(shared):
        rule = "is in the training file and in the test file: a request belongs to one of them"
        raise reader.refusal("data.group", plain(table.keys[shared[0]]), rule)


def _distinct(table: Table, reader: Reader) -> None:
    import pandas as pd

    twice = pd.DataFrame({"request": table.request, "item": table.items}).duplicated().to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        rule = f"is twice in request {plain(table.keys[table.request[row]])!r}: a candidate is listed once"
        raise reader.refusal("data.item", plain(table.items[row]), rule)


def _shared(table: Table, reader: Reader) -> None:
    """Context arrives once with a request, so all its rows must carry the same."""
    first = table.starts[table.request]
    for name in table.declaration.context:
        column = table.values[name]
        same = column == column[first]
        if column.dtype.kind == "f":
            same |= np.isnan(column) & np.isnan(column[first])
        if not same.all():
            key = plain(table.keys[table.request[np.argmin(same)]])
            rule = f"differs within request {key!r}: context arrives once with a request"
            raise reader.refusal("features.context", name, rule)
