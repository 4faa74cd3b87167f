"""How an analysis is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from bentos.commands.printed_analysis import (
    EXITS,
    ResultForm,
    exit_for,
    print_notes,
    print_table,
    print_verdicts,
    write_page,
)
from monitoring.errors import UserError


def test_a_table_has_a_row_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("arm", "effect"), (("b", "+1%"), ("c", "-2%")), "by country")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "by country"
    assert ["b", "+1%"] in [line.split() for line in lines]


def test_a_table_is_no_wider_than_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Words are broken where there is no room; nothing is cut."""
    print_table(("metric", "interval"), (("revenue_per_thousand_views" * 4, "[-1%, +2%]"),))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "".join(line.split()[0] for line in lines[3:5]) == "revenue_per_thousand_views" * 4


def test_notes_are_messages_and_the_verdict_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdicts("ship b", ["ship b", "don't"])
    print_notes(["few [units]"])
    assert capsys.readouterr() == ("ship b\n  ship b\n  don't\n", "! few [units]\n")


@pytest.mark.parametrize(("word", "code"), EXITS.items())
def test_a_verdict_is_a_status_where_it_is_asked_for(word: str, code: int) -> None:
    for asked, wanted in ((True, code), (False, int(word == "can't say"))):
        done = 0
        try:
            exit_for(word, ResultForm(exit_code=asked))
        except typer.Exit as left:
            done = left.exit_code
        assert done == wanted


def test_a_page_is_written_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_page(tmp_path / "page.html", "<p>ü</p>")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "<p>ü</p>"
    assert "page.html" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be written: No such file or directory"):
        write_page(tmp_path / "absent" / "page.html", "x")
