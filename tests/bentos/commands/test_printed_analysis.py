"""How an analysis is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.commands.printed_analysis import print_end, print_table, write_page
from monitoring.errors import UserError


def test_a_table_has_a_row_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("arm", "effect"), (("b", "+1%"), ("c", "-2%")), "by country")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "by country".ljust(len(lines[0]))
    assert ["b", "+1%"] in [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]


def test_notes_are_messages_and_the_verdict_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    print_end(["few [units]"], "ship b")
    assert capsys.readouterr() == ("ship b\n", "! few [units]\n")


def test_a_page_is_written_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_page(tmp_path / "page.html", "<p>ü</p>")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "<p>ü</p>"
    assert "page.html" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be written: No such file or directory"):
        write_page(tmp_path / "absent" / "page.html", "x")
