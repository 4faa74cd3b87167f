"""The table as a value: an item's latest row, where requests start, and features as serving computes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration.refusal import DeclarationError
from models.features import columns, parse_context
from models.table import dataset
from models.table.rows import starts_of
from tests.models.tables import DECLARED, declared, shop


def test_the_catalogue_keeps_an_items_latest_row(tmp_path: Path) -> None:
    table = dataset.read(declared(tmp_path))
    latest = pd.Series(range(360)).groupby(table.items).max()
    assert sorted(table.latest) == sorted(latest)
    np.testing.assert_array_equal(table.latest_of, latest.loc[table.items].to_numpy())


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_starts_cut_rows_into_their_requests(sizes: list[int]) -> None:
    request = np.repeat(np.arange(len(sizes)), sizes)
    starts = starts_of(request)
    assert np.diff(starts).tolist() == sizes
    assert starts[0] == 0
    assert starts[-1] == sum(sizes)


def test_a_tables_starts_are_those_of_its_requests(tmp_path: Path) -> None:
    table = dataset.read(declared(tmp_path))
    np.testing.assert_array_equal(table.starts, starts_of(table.request))
    assert len(table.starts) == len(table.keys) + 1


def test_the_model_sees_of_a_request_what_serving_computes_for_it(tmp_path: Path) -> None:
    """The same columns, in the model's order, with cross features."""
    text = DECLARED.replace(
        "[features]", '[features]\ncross = "tests.models.table.test_rows:dear"\ncross_names = ["dear"]'
    )
    table = dataset.read(declared(tmp_path, shop(), text))
    rows = np.arange(table.starts[3], table.starts[4])
    spec = table.declaration.spec
    served = columns(
        spec,
        np.array([table.values[name][rows] for name in spec.item_numeric]),
        [table.values[name][rows] for name in spec.item_categorical],
        parse_context(spec, {"load": float(table.values["load"][rows[0]])}),
        dear,
    )
    trained = table.features(rows)
    assert list(trained) == list(served) == ["price", "age", "load", "country", "dear"]
    for name, column in trained.items():
        np.testing.assert_array_equal(column, served[name])


def dear(items: dict[str, np.ndarray], context: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"dear": items["price"] * context["load"]}


def test_an_error_counts_rows_as_they_stand_in_the_file(tmp_path: Path) -> None:
    """Though the table is in time order and the file the other way round; the first wrong one of the file."""
    frame = shop().iloc[::-1].astype({"price": object})
    frame.iloc[[3, 200], frame.columns.get_loc("price")] = ["dear", "cheap"]
    rule = r"numeric: 'dear' in column 'price', row 4, is not a number"
    with pytest.raises(DeclarationError, match=rule):
        _ = dataset.read(declared(tmp_path, frame)).values
