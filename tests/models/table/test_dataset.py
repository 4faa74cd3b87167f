"""A table as declared: how it is read as a whole, ordered and split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.table import dataset
from tests.models.tables import (
    DECLARED,
    NOT_TIMED,
    TWO_CLASSES,
    Change,
    cell,
    declared,
    refused,
    shop,
    without,
)

REFUSED: list[tuple[str, str, Change, str]] = [
    ("column", DECLARED, without("price"), "features.numeric: 'price' matches no column of shop.csv; it has"),
    ("split", DECLARED, cell(0, "at", "2024-01-05"), "data.group: '2024-000' is in both parts of the"),
    ("item", DECLARED, without("product"), "data.item: 'product' is no column of the table"),
    ("group", DECLARED, without("query"), "data.group: 'query' is no column of the table"),
    (
        "weight",
        DECLARED.replace('label = "stars"', 'label = "stars"\nweight = "worth"'),
        lambda f: f.assign(worth=0),
        "data.weight: '0' in column 'worth', row 1, is missing or not above 0",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_table_that_breaks_its_declaration_is_refused_by_file_key_value_and_rule(
    tmp_path: Path, text: str, change: Change, sentence: str
) -> None:
    assert refused(tmp_path, text, change).startswith(f"shop.toml: {sentence}")


def test_rows_are_in_time_order_and_the_later_part_of_time_is_for_evaluation(tmp_path: Path) -> None:
    frame = shop().sample(frac=1.0, random_state=3)
    table = dataset.read(declared(tmp_path, frame))
    assert table.time is not None
    assert (np.diff(table.time) >= 0).all()
    assert (np.diff(table.request) >= 0).all()
    assert len(np.unique(table.request)) == len(table.keys) == 60
    assert table.time[table.train].max() < table.time[table.test].min()
    assert table.test.sum() == 12 * 6  # of 59 hours between first and last, those of the last 11.8
    by_item = frame.set_index(["query", "product"])["price"]
    asked = list(zip(table.keys[table.request], table.items.tolist(), strict=True))
    np.testing.assert_array_equal(table.values["price"], by_item.loc[asked].to_numpy(np.float32))


def test_bounds_leave_rows_to_neither_part_and_all_in_the_table(tmp_path: Path) -> None:
    table = dataset.read(declared(tmp_path).with_data(from_="2024-01-01T10:00", until="2024-01-02T00:00"))
    assert len(table.items) == 360
    assert (table.train | table.test).sum() == 14 * 6


def test_without_time_the_split_is_a_hash_of_the_request_alone(tmp_path: Path) -> None:
    first = dataset.read(declared(tmp_path, shop(), NOT_TIMED))
    shuffled = dataset.read(declared(tmp_path, shop().iloc[::-1], NOT_TIMED))
    assert set(first.keys[first.request[first.test]]) == set(shuffled.keys[shuffled.request[shuffled.test]])
    assert not (first.train & first.test).any()


def test_what_is_declared_of_a_row_moves_with_it(tmp_path: Path) -> None:
    """Weight, label and the label's time follow when rows are put in order; the frame does too."""
    frame = shop().assign(
        worth=lambda f: f["price"] + 1, sold_at=lambda f: pd.to_datetime(f["at"]) + pd.Timedelta(hours=2)
    )
    text = DECLARED.replace('label = "stars"', 'label = "stars"\nlabel_time = "sold_at"\nweight = "worth"')
    table = dataset.read(declared(tmp_path, frame.sample(frac=1.0, random_state=5), text))
    assert table.weight is not None
    assert table.time is not None
    np.testing.assert_allclose(table.weight, table.values["price"].astype(float) + 1, rtol=1e-6)
    np.testing.assert_array_equal(table.label_time, table.time + 7200)
    np.testing.assert_array_equal(table.label, table.frame["stars"].astype(float))
    np.testing.assert_array_equal(table.items, table.frame["product"].astype(int))


def test_without_an_item_column_rows_are_named_by_their_request_and_place(tmp_path: Path) -> None:
    text = DECLARED.replace('item = "product"\n', "")
    table = dataset.read(declared(tmp_path, shop(), text))
    assert table.items[:7].tolist() == [*(f"2024-000/{place}" for place in range(1, 7)), "2024-001/1"]


def test_a_table_without_groups_has_a_request_a_row(tmp_path: Path) -> None:
    text = TWO_CLASSES.replace('item = "product"\ngroup = "query"\n', "").replace('context = ["load"]\n', "")
    frame = shop().assign(stars=lambda f: (f["stars"] > 1).astype(int))
    table = dataset.read(declared(tmp_path, frame, text))
    assert len(table.keys) == len(table.items) == 360
    assert table.items[:2].tolist() == ["row-1", "row-2"]
    assert set(table.label) == {0.0, 1.0}


def test_the_digest_follows_the_tables_content(tmp_path: Path) -> None:
    first = dataset.read(declared(tmp_path)).digest
    assert dataset.read(declared(tmp_path)).digest == first
    assert dataset.read(declared(tmp_path, shop().assign(age=1))).digest != first
