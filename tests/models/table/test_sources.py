"""Where a table comes from: files by their ending, functions kept by their digest, and what is no table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError
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
    with pytest.raises(DeclarationError, match=r"data\.source: 'nowhere:f' must be a file or"):
        dataset.read(declaration.with_data(source="nowhere:f"))


def test_an_ending_says_the_format_and_a_key_overrules_it(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    shop().to_parquet(tmp_path / "shop.pq")
    assert sources.load(declaration.with_data(source="shop.pq"), None).frame.equals(shop())
    (tmp_path / "shop.dat").write_bytes((tmp_path / "shop.csv").read_bytes())
    rule = r"'shop\.dat' has no known ending \(csv, parquet, pq, svm, letor, txt\): set data\.format to csv"
    with pytest.raises(DeclarationError, match=rule):
        sources.load(declaration.with_data(source="shop.dat"), None)
    found = sources.load(declaration.with_data(source="shop.dat", format="csv"), None)
    assert found.frame["price"].tolist() == pytest.approx(shop()["price"].tolist())
    assert found.digest == sources.load(declaration, None).digest


def test_a_file_that_is_not_what_it_claims_is_refused(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    (tmp_path / "shop.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"data\.source: 'shop\.parquet' cannot be read as parquet: "):
        sources.load(declaration.with_data(source="shop.parquet"), None)


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


MADE = """
import pandas as pd

def table():
    made.append(1)
    return pd.DataFrame({"product": ["a", "b"], "stars": [0, 1]})

made = []
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module `made_table` that can be imported, until the test ends."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "made_table.py"
    sys.modules.pop("made_table", None)


def named(folder: Path) -> Declaration:
    return declared(folder).with_data(source="made_table:table")


def test_a_functions_table_is_made_anew_and_its_digest_is_of_its_content(
    tmp_path: Path, module: Path
) -> None:
    module.write_text(MADE)
    first, second = (sources.load(named(tmp_path), tmp_path / "home") for _ in range(2))
    assert first.digest == second.digest
    assert first.frame["product"].tolist() == ["a", "b"]
    assert len(sys.modules["made_table"].made) == 2
    assert not (tmp_path / "home").exists()


def test_a_function_with_a_digest_is_asked_once(tmp_path: Path, module: Path) -> None:
    module.write_text(MADE + '\ndef source_digest():\n    return "0123"\n')
    first, second = (sources.load(named(tmp_path), tmp_path / "home") for _ in range(2))
    assert (first.digest, second.digest) == ("0123", "0123")
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert len(sys.modules["made_table"].made) == 1
    assert [path.name for path in (tmp_path / "home" / "data").iterdir()] == ["made_table.table-0123.parquet"]
    sources.load(named(tmp_path), None)
    assert len(sys.modules["made_table"].made) == 2


def test_a_function_that_gives_no_rows_is_refused(tmp_path: Path, module: Path) -> None:
    module.write_text("import pandas as pd\ndef table():\n    return pd.DataFrame()\n")
    with pytest.raises(DataError, match=r"data\.source: 'made_table:table' is empty: a table needs rows"):
        sources.load(named(tmp_path), None)
