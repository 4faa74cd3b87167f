"""Which words mean that nothing is there."""

from __future__ import annotations

from monitoring.tables.dialect import CsvDialect


def test_an_empty_cell_is_missing_and_the_usual_words_are_so_between_numbers_alone() -> None:
    assert CsvDialect().no_text == {""}
    assert {"", "NA", "null", "None", "nan"} <= CsvDialect().no_number


def test_declared_words_are_missing_everywhere_and_no_others() -> None:
    found = CsvDialect(missing=("-", "?"))
    assert found.no_text == found.no_number == {"", "-", "?"}
