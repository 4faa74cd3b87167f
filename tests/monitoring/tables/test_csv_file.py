"""A csv is read as it is written, or refused with the line and the rule."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from monitoring.tables.csv_file import CsvError, read_csv, separator_of
from monitoring.tables.dialect import CsvDialect


def read(folder: Path, text: str | bytes, **dialect: object) -> dict[str, list[str | None]]:
    """The columns of a csv of this content."""
    (folder / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    found: dict[str, list[str | None]] = read_csv(folder / "t.csv", CsvDialect(**dialect)).to_pydict()  # type: ignore[arg-type]
    return found


def test_every_value_is_text_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,code,n\n007,NA,1e5\n8,null,1.50\n,"",nan\n"x\ny","a,b","q""q"\n')
    assert found == {
        "id": ["007", "8", None, "x\ny"],
        "code": ["NA", "null", None, "a,b"],
        "n": ["1e5", "1.50", "nan", 'q"q'],
    }


def test_a_letter_after_a_hundred_thousand_numbers_changes_none_of_them(tmp_path: Path) -> None:
    rows = [f"{number:08d},1" for number in range(100_000)]
    found = read(tmp_path, "\n".join(["id,n", *rows, "x1,2"]))
    assert [found["id"][0], found["id"][99_999], found["id"][-1]] == ["00000000", "00099999", "x1"]


def test_separator_encoding_and_words_for_missing_are_declared(tmp_path: Path) -> None:
    text = "größe;ort\n1,5;Zürich\n-;?\n".encode("latin-1")
    found = read(tmp_path, text, separator=";", encoding="latin-1", missing=("-", "?"))
    assert found == {"größe": ["1,5", None], "ort": ["Zürich", None]}
    assert read(tmp_path, b"\xef\xbb\xbfa\tb\n1\t2\n", separator="\t") == {"a": ["1"], "b": ["2"]}


REFUSED = [
    ("a comma at the end", "a,b\n1,2,\n3,4,\n", "line 2, '1,2,', has 3 fields where the header has 2"),
    ("a last line cut", "a,b,c\n1,2,3\n\n4\n", "line 4, '4', has 1 field where the header has 3"),
    ("after a quoted line", 'a,b\n"1\n2",3\n4\n', "line 4, '4', has 1 field where the header has 2"),
    ("twice", "a,b,a\n1,2,3\n", "has the column 'a' twice in its header"),
    ("semicolons", "a;b\n1;2\n", "has one column, 'a;b': if it is separated by ';', say so in the [data]"),
    ("tabs", "a\tb\n1\t2\n", 'csv = { separator = "\\t" }'),
    ("latin-1", "a,b\nZürich,2\n".encode("latin-1"), 'is not utf-8 throughout: save it as that, or name its'),
    ("latin-1 header", "größe,b\n1,2\n".encode("latin-1"), "is not utf-8 throughout"),
    ("utf-16", "a,b\n1,2\n".encode("utf-16"), "is not utf-8 throughout"),
    ("nothing", "", "is empty: a table needs rows"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_table_is_refused_with_line_and_rule(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(CsvError) as said:
        read(tmp_path, text)
    assert sentence in str(said.value)
    assert str(said.value).startswith("t.csv ")


def test_a_quote_that_is_never_closed_and_an_unknown_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvError, match=r"line 2, .* has 1 field where the header has 2"):
        read(tmp_path, 'a,b\n"1,2\n3,4\n')
    with pytest.raises(CsvError, match=r"is said to be in 'latin-99', which no codec reads"):
        read(tmp_path, "a,b\n1,2\n", encoding="latin-99")


def test_a_packed_file_is_read_and_refused_alike(tmp_path: Path) -> None:
    for name, text in (("sound", "a,b\n007,2\n"), ("odd", "a,b\n1,2\n3\n")):
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt") as file:
            file.write(text)
    assert read_csv(tmp_path / "sound.csv.gz", CsvDialect()).to_pydict() == {"a": ["007"], "b": ["2"]}
    with pytest.raises(CsvError, match=r"line 3, '3', has 1 field where"):
        read_csv(tmp_path / "odd.csv.gz", CsvDialect())


@pytest.mark.parametrize(("header", "wanted"), [("a,b;c,d", ","), ("a;b;c", ";"), ("a\tb", "\t"), ("a", ",")])
def test_the_separator_of_an_undeclared_table_is_its_headers(
    tmp_path: Path, header: str, wanted: str
) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n1\n")
    assert separator_of(tmp_path / "t.csv") == wanted


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,code\n1,a\n2,"b\n3,c\n4,d\n')
    with pytest.raises(CsvError, match=r"^t\.csv line 3 has a quote that is never closed"):
        read_csv(tmp_path / "t.csv", CsvDialect())
    (tmp_path / "t.csv").write_text('id,code\n1,a\n2,"b\n3,c"\n')
    assert read_csv(tmp_path / "t.csv", CsvDialect()).to_pydict()["code"] == ["a", "b\n3,c"]
