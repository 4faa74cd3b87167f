"""Where a table comes from: files by their ending, functions kept by their digest, and what is no table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.declaration.declaration import DeclarationError
from models.declaration.refusal import DataError
from models.table import dataset, sources
from tests.models.tables import DECLARED, Change, declared, refused, shop

REFUSED: list[tuple[str, str, Change, str]] = [
    ("empty", DECLARED, lambda f: f.head(0), "data.source: 'shop.csv' is empty: a table needs rows"),
]


@pytest.mark.parametrize(
    ("text", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_file_that_is_no_table_is_refused_by_file_key_value_and_rule(
    tmp_path: Path, text: str, change: Change, sentence: str
) -> None:
    assert refused(tmp_path, text, change).startswith(f"shop.toml: {sentence}")


def test_a_file_that_is_not_there_or_nothing_at_all_is_refused(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    (tmp_path / "shop.csv").write_text("")
    with pytest.raises(DataError, match=r"shop\.toml: data\.source: 'shop\.csv' is empty"):
        dataset.read(declaration)
    (tmp_path / "shop.csv").unlink()
    with pytest.raises(DeclarationError, match=r"shop\.toml: data\.source: 'shop\.csv' is no file"):
        dataset.read(declaration)


def test_an_ending_says_the_format_and_a_key_overrules_it(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    shop().to_parquet(tmp_path / "shop.pq")
    stored = sources.load(declaration.with_data(source="shop.pq"), None).frame
    assert {str(stored[name].dtype) for name in ("product", "price")} == {"int64[pyarrow]", "double[pyarrow]"}
    assert stored.astype(shop().dtypes).equals(shop())
    (tmp_path / "shop.dat").write_bytes((tmp_path / "shop.csv").read_bytes())
    rule = r"'shop\.dat' has no known ending \(csv, parquet, pq, svm, letor, txt\): set data\.format to csv"
    with pytest.raises(DeclarationError, match=rule):
        sources.load(declaration.with_data(source="shop.dat"), None)
    found = sources.load(declaration.with_data(source="shop.dat", format="csv"), None)
    assert found.frame["price"].tolist() == shop()["price"].astype(str).tolist()
    assert found.digest == sources.load(declaration, None).digest


def test_a_file_that_is_not_what_it_claims_is_refused(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    (tmp_path / "shop.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"data\.source: 'shop\.parquet' cannot be read as parquet: "):
        sources.load(declaration.with_data(source="shop.parquet"), None)


REFUSED_CSV = [
    ("a comma at the end", lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1), "line 2, "),
    ("a last line cut", lambda text: text + "99\n", "line 362, '99', has 1 field where the header has 8"),
    ("a header twice", lambda text: text.replace("age", "price", 1), "has the column 'price' twice"),
    ("semicolons", lambda text: text.replace(",", ";"), "has one column, 'product;query"),
    ("latin-1", lambda text: text.replace("at\n", "ä\n"), "is not utf-8 throughout"),
]


@pytest.mark.parametrize(
    ("change", "sentence"), [row[1:] for row in REFUSED_CSV], ids=[row[0] for row in REFUSED_CSV]
)
def test_a_csv_whose_rows_or_header_do_not_fit_is_refused(
    tmp_path: Path, change: Callable[[str], str], sentence: str
) -> None:
    declaration = declared(tmp_path)
    text = change((tmp_path / "shop.csv").read_text())
    (tmp_path / "shop.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError) as said:
        dataset.read(declaration)
    assert str(said.value).startswith(f"shop.toml: data.source: 'shop.csv' {sentence}")


def test_a_csv_in_another_dialect_gives_the_same_table(tmp_path: Path) -> None:
    plain = dataset.read(declared(tmp_path, shop().assign(country="Zürich")))
    frame = shop().assign(country="Zürich", price=lambda f: f["price"].astype(str).str.replace(".", ","))
    frame["load"] = frame["load"].astype(str).str.replace(".", ",")
    dialect = 'csv = { separator = ";", encoding = "latin-1", decimal = ",", missing = ["-"] }'
    declaration = declared(tmp_path, text=DECLARED.replace("[data]", f"[data]\n{dialect}"))
    frame.to_csv(tmp_path / "shop.csv", sep=";", encoding="latin-1", index=False)
    other = dataset.read(declaration)
    for name, column in plain.values.items():
        np.testing.assert_array_equal(other.values[name], column)
    np.testing.assert_array_equal(other.label, plain.label)


def test_a_separator_that_is_the_decimal_point_too_is_refused(tmp_path: Path) -> None:
    text = DECLARED.replace("[data]", '[data]\ncsv = { decimal = "," }')
    with pytest.raises(DeclarationError, match=r"data\.csv\.separator: ',' is the decimal point too"):
        declared(tmp_path, text=text)


def test_categories_stay_text_where_they_look_like_numbers(tmp_path: Path) -> None:
    found = sources.load(declared(tmp_path, shop().assign(country="007")), None)
    assert set(found.frame["country"]) == {"007"}


def test_a_test_files_rows_come_last_and_change_the_digest(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    shop(queries=2).assign(query="later").to_csv(tmp_path / "later.csv", index=False)
    both = sources.load(declaration.with_data(test="later.csv"), None)
    assert both.test_rows == 12
    assert set(both.frame["query"].iloc[-12:]) == {"later"}
    assert len(both.frame) == 360 + 12
    assert both.digest != sources.load(declaration, None).digest
