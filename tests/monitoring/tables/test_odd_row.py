"""The first row that has not as many fields as the header, by its line."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables.dialect import CsvDialect
from monitoring.tables.odd_row import odd_row, open_quote


@given(before=st.integers(0, 50), fields=st.sampled_from([1, 2, 4, 9]), breaks=st.integers(0, 3))
def test_the_line_is_that_of_an_editor(
    tmp_path_factory: object, before: int, fields: int, breaks: int
) -> None:
    file = Path(str(tmp_path_factory.mktemp("odd"))) / "t.csv"  # type: ignore[attr-defined]
    quoted = '"' + "x\n" * breaks + '",2,3\n'
    file.write_text("a,b,c\n" + quoted * before + ",".join("1" * fields) + "\n5\n")
    line = 2 + before * (1 + breaks)
    assert str(odd_row(file, CsvDialect())).startswith(f"line {line}, ")


def test_a_sound_table_and_one_that_cannot_be_read_have_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    assert odd_row(tmp_path / "t.csv", CsvDialect()) is None
    assert odd_row(tmp_path / "gone.csv", CsvDialect()) is None


@given(before=st.integers(0, 20), after=st.integers(1, 30_000))
def test_a_quote_that_is_never_closed_is_named_by_its_line(
    tmp_path_factory: object, before: int, after: int
) -> None:
    """However long what follows it is: a value of more than 128 KB too."""
    file = Path(str(tmp_path_factory.mktemp("open"))) / "t.csv"  # type: ignore[attr-defined]
    sound = "a,b\n" + '"x\ny",2\n' * before
    file.write_text(sound + '3,"at\n' + "4,at\n" * after)
    assert str(open_quote(file, CsvDialect())).startswith(f"line {2 + 2 * before} has a quote that is never")
    file.write_text(sound + '3,"at\n' + "4,at\n" * after + '"\n')
    assert open_quote(file, CsvDialect()) is None
