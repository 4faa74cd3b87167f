"""One column at a time: what is refused with its row, and what values become."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.refusal import DataError, DeclarationError
from models.table import dataset
from models.table.columns import Reader, plain
from tests.models.tables import DECLARED, TWO_CLASSES, Change, cell, declared, refused, shop, without

REFUSED: list[tuple[str, str, Change, str]] = [
    ("label", DECLARED, without("stars"), "data.label: 'stars' is no column of the table: product, query"),
    ("time", DECLARED, without("at"), "data.time: 'at' is no column of the table"),
    ("nan", DECLARED, cell(4, "stars", None), "data.label: None in column 'stars', row 5, is missing"),
    ("one value", DECLARED, lambda f: f.assign(stars=2), "data.label: 'stars' has one value only, 2: there"),
    ("negative", DECLARED, cell(2, "stars", -1), "data.label: '-1' in column 'stars', row 3, is negative"),
    ("text", DECLARED, cell(3, "price", "dear"), "features.numeric: 'dear' in column 'price', row 4, is not"),
    ("huge", DECLARED, cell(3, "price", 1e39), "features.numeric: '1e+39' in column 'price', row 4, is not"),
    ("no time", DECLARED, cell(3, "at", "noon"), "data.time: 'noon' in column 'at', row 4, is not a time as"),
    ("no id", DECLARED, cell(3, "product", None), "data.item: None in column 'product', row 4, is missing"),
    ("classes", TWO_CLASSES, lambda f: f, "data.label: 'stars' has 4 values (0, 1, 2, 3): Logloss needs two"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_column_that_breaks_its_declaration_is_refused_by_file_key_value_and_rule(
    tmp_path: Path, text: str, change: Change, sentence: str
) -> None:
    assert refused(tmp_path, text, change).startswith(f"shop.toml: {sentence}")


def test_a_positive_that_the_label_does_not_have_is_refused(tmp_path: Path) -> None:
    text = TWO_CLASSES.replace('label = "stars"', 'label = "stars"\npositive = "good"')
    frame = shop().assign(stars=lambda f: np.where(f["stars"] > 1, "fine", "poor"))
    with pytest.raises(
        DataError, match=r"data\.positive: 'good' is not one of the label's values: fine, poor"
    ):
        dataset.read(declared(tmp_path, frame, text))


def reader(folder: Path, **columns: object) -> Reader:
    """Of a table of these columns only, for shop's declaration."""
    return Reader(declared(folder), pd.DataFrame(columns))


def test_text_keeps_whole_numbers_whole_and_missing_empty(tmp_path: Path) -> None:
    found = reader(tmp_path, a=[3.0, None, 7.0], b=[3.5, None, 7.0], c=["x", None, ""], d=[True, False, True])
    assert found.text("k", "a").tolist() == ["3", "", "7"]
    assert found.text("k", "b").tolist() == ["3.5", "", "7.0"]
    assert found.text("k", "c").tolist() == ["x", "", ""]
    assert found.text("k", "d").tolist() == ["True", "False", "True"]


def test_times_are_unix_seconds_and_utc_where_they_name_no_zone(tmp_path: Path) -> None:
    texts = ["2024-01-01", "2024-01-01T01:00:00.5", "2024-01-01T01:00:00+01:00"]
    found = reader(tmp_path, a=texts, b=[1.7e9, 2e9, None], c=["2024-01-01", None, "2024-01-02"])
    assert found.moment("k", "a").tolist() == [1704067200.0, 1704070800.5, 1704067200.0]
    np.testing.assert_array_equal(found.moment("k", "b", required=False), [1.7e9, 2e9, np.nan])
    np.testing.assert_array_equal(
        found.moment("k", "c", required=False), [1704067200.0, np.nan, 1704153600.0]
    )
    with pytest.raises(DataError, match=r"k: None in column 'b', row 3, is missing: every row needs"):
        found.moment("k", "b")


def test_ids_are_integers_or_text(tmp_path: Path) -> None:
    found = reader(tmp_path, a=[7, 5], b=["007", "x"])
    assert found.ids("k", "a").dtype == np.int64
    assert found.ids("k", "b").tolist() == ["007", "x"]


@pytest.mark.parametrize("value", [0.0, -1.0, None])
def test_a_weight_is_above_zero(tmp_path: Path, value: float | None) -> None:
    with pytest.raises(
        DataError, match=r"k: (0\.0|-1\.0|None) in column 'w', row 2, is missing or not above 0"
    ):
        reader(tmp_path, w=[1.0, value]).positive("k", "w")


@pytest.mark.parametrize(
    ("stars", "positive", "wanted"),
    [([0, 1, 0], None, [0, 1, 0]), (["no", "yes", "no"], "yes", [0, 1, 0]), ([1, 2, 2], 1, [1, 0, 0])],
)
def test_two_classes_are_one_for_the_positive(
    tmp_path: Path, stars: list[object], positive: object, wanted: list[int]
) -> None:
    declaration = declared(tmp_path, text=TWO_CLASSES).with_data(positive=positive)
    assert Reader(declaration, pd.DataFrame({"stars": stars})).label().tolist() == wanted


def test_the_sentence_names_the_source(tmp_path: Path) -> None:
    said = str(reader(tmp_path, a=[1]).refusal("data.item", 3, "is wrong"))
    assert said == "shop.toml: data.item: 3 is wrong (shop.csv)"


def test_a_numpy_scalar_is_shown_as_pythons() -> None:
    assert [type(plain(value)) for value in (np.int64(3), np.float32(1), "a", None)] == [
        int,
        float,
        str,
        type(None),
    ]


def test_ids_of_a_csv_are_whole_numbers_only_where_every_one_is_written_as_such(tmp_path: Path) -> None:
    written = reader(tmp_path, a=["7", "12"], b=["007", "7"], c=["7", "9223372036854775808"], d=["7", ""])
    assert written.ids("k", "a").tolist() == [7, 12]
    assert written.ids("k", "b").tolist() == ["007", "7"]
    assert written.ids("k", "c").tolist() == ["7", "9223372036854775808"]
    with pytest.raises(DataError, match=r"k: '' in column 'd', row 2, is missing: every row needs its id"):
        written.ids("k", "d")


def test_ids_beyond_63_bits_are_refused_where_a_column_is_of_numbers(tmp_path: Path) -> None:
    found = reader(tmp_path, a=np.array([2**63 - 1], np.uint64), b=np.array([2**63], np.uint64))
    assert found.ids("k", "a").tolist() == [2**63 - 1]
    with pytest.raises(DataError, match=rf"k: {2**63} in column 'b', row 1, is above 2\*\*63 - 1: give such"):
        found.ids("k", "b")


def test_a_nul_character_is_refused_in_names(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'a', row 2, holds a NUL character"):
        reader(tmp_path, a=["x", "y\0z"]).text("k", "a")


def test_a_name_of_two_columns_is_refused(tmp_path: Path) -> None:
    twice = Reader(declared(tmp_path), pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match=r"k: 'a' is the name of two columns"):
        twice.number("k", "a")


CODES = DECLARED.replace('categorical = ["country"]', 'categorical = ["code_*"]').replace(
    'slices = ["country"]\n', ""
)


def coded(folder: Path, csv: str, text: str = CODES) -> dataset.Table:
    """Two rows of every query with the codes 007 and NA, items 00123 and 7, an age that is not known."""
    frame = shop().assign(code_a="007", product="00123").astype({"age": object})
    frame.loc[::2, ["code_a", "product", "age"]] = ["NA", "7", "NA"]
    frame = frame.drop_duplicates(["query", "product"]).drop(columns="country")
    return dataset.read(declared(folder, frame, text.replace("[data]", f"[data]\n{csv}")))


def test_words_are_words_in_categories_and_ids_and_missing_among_numbers(tmp_path: Path) -> None:
    table = coded(tmp_path, "")
    assert set(table.items) == {"00123", "7"}
    assert set(table.values["code_a"]) == {"007", "NA"}
    np.testing.assert_array_equal(np.isnan(table.values["age"]), table.items == "7")


def test_declared_words_are_missing_everywhere(tmp_path: Path) -> None:
    assert set(coded(tmp_path, 'csv = { missing = ["NA"] }').values["code_a"]) == {"007", ""}
    rule = r"'NA' in column 'age', row 1, is not a number \(if it stands for missing, or decimals have"
    with pytest.raises(DataError, match=rule):
        _ = coded(tmp_path, 'csv = { missing = ["-"] }').values


def test_a_column_with_the_marks_of_a_glob_is_declared_by_its_name(tmp_path: Path) -> None:
    frame = shop().rename(columns={"age": "age [d]", "load": "load?"}).assign(loads=1.0)
    text = DECLARED.replace('"age", "load"', '"age [d]", "load?"').replace('["load"]', '["load?"]')
    table = dataset.read(declared(tmp_path, frame, text))
    assert table.declaration.numeric == ("price", "age [d]", "load?")
    assert table.declaration.context == ("load?",)
    np.testing.assert_array_equal(np.sort(table.values["age [d]"]), np.sort(frame["age [d]"]))
    unsaid = text.replace('{ "*" = "0h" }', '{ price = "0h", country = "0h", "load?" = "0h" }')
    with pytest.raises(DeclarationError, match=r"features\.available_at: 'age \[d\]' has no entry"):
        dataset.read(declared(tmp_path, frame, unsaid))


@pytest.mark.parametrize(
    ("written", "positive", "wanted"),
    [("0/1", None, 1.0), ("0.0/1.0", None, 1.0), ("no/yes", "yes", 1.0), ("1/2", 2, 1.0),
     ("false/true", True, 1.0)],
)  # fmt: skip
def test_two_classes_of_a_csv_are_what_all_values_are(
    tmp_path: Path, written: str, positive: object, wanted: float
) -> None:
    low, high = written.split("/")
    declaration = declared(tmp_path, text=TWO_CLASSES).with_data(positive=positive)
    found = Reader(declaration, pd.DataFrame({"stars": [low, high]})).label()
    assert found.tolist() == [0.0, wanted]


def test_a_grade_above_31_needs_the_linear_gain(tmp_path: Path) -> None:
    rule = r"data\.label: '5000' in column 'stars', row 2, is above 31, where a gain of 2\^grade"
    with pytest.raises(DataError, match=rule):
        reader(tmp_path, stars=["31", "5000"]).label()
    linear = declared(tmp_path, text=DECLARED.replace('label = "stars"', 'label = "stars"\ngain = "linear"'))
    assert Reader(linear, pd.DataFrame({"stars": ["31", "5000"]})).label().tolist() == [31.0, 5000.0]
