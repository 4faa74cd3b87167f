"""A table that a function makes: found beside the declaration, called, kept by its digest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError
from models.declaration.refusal import DataError
from models.table import dataset, sources
from tests.models.tables import declared

MADE = """
import pandas as pd

def table():
    made.append(1)
    return pd.DataFrame({"product": ["a", "b"], "stars": [0, 1]})

made = []
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Path]:
    """A module `made_table` beside the declaration, until the test ends."""
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


def test_a_function_is_looked_for_beside_the_declaration_and_the_refusal_says_so(tmp_path: Path) -> None:
    path = list(sys.path)
    with pytest.raises(DeclarationError) as said:
        dataset.read(declared(tmp_path).with_data(source="nowhere:f"))
    rule = (
        "'nowhere:f' must be a file or \"module:function\" that can be imported, from the folder of shop.toml"
    )
    assert f"shop.toml: data.source: {rule} ({tmp_path.resolve()}) or Python's path" in str(said.value)
    assert sys.path == path


def test_a_declaration_without_a_file_brings_no_code(
    tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module.write_text(MADE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    packaged = Declaration.from_json(named(tmp_path).to_json())
    with pytest.raises(DeclarationError, match="made_table"):
        sources.load(packaged, None)


def test_a_column_of_lists_is_refused(tmp_path: Path, module: Path) -> None:
    module.write_text("import pandas as pd\ndef table():\n    return pd.DataFrame({'a': [[1, 2], [3]]})\n")
    with pytest.raises(DataError, match=r"returns a column of lists or other values that are no names"):
        sources.load(named(tmp_path), None)
