"""The gate's verdict as people read it."""

from __future__ import annotations

import pytest

from bentos.commands.printed_verdict import _table, print_verdict
from models.gate.verdict import Check, Result, Verdict

CHECKS = (
    Check("files", Result.PASS, "all there", 0.0, 0.0),
    Check("ndcg", Result.HOLD, "0.70 [0.68, 0.72] is too little to say", 0.703, 0.71),
    Check("a check of a name that needs two lines", Result.REJECT, "upside down " * 12),
)
HELD = Verdict("flights", "3", CHECKS, time=5.0, seconds=0.5)


def test_the_worst_check_stands_first_and_headings_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe of 80 columns; brackets in a sentence stay as they are."""
    print_verdict(HELD)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert max(map(len, lines)) <= 80
    assert lines[0] == "flights version 3: reject"
    assert lines[1].split() == ["check", "outcome", "what", "was", "found"]
    said = " ".join(" ".join(lines[3:]).split())
    assert said.startswith("a check of a name that reject upside down")
    assert "ndcg hold 0.70 [0.68, 0.72] is too little to say (0.703, limit 0.71)" in said
    assert said.endswith("files pass all there")


def test_figures_have_columns_where_there_is_room() -> None:
    """In the unit of the check; a sentence does not repeat them."""
    table = _table(HELD, 140)
    assert [column.header for column in table.columns] == [
        *("check", "outcome", "figure", "limit", "what was found")
    ]
    assert [*table.columns[2].cells] == ["", "0.703", "0"]
    assert [*table.columns[4].cells][1] == "0.70 [0.68, 0.72] is too little to say"


def test_outcomes_that_are_left_out_stand_over_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    checks = (Check("files", Result.PASS, "all there"),)
    print_verdict(Verdict("shop", "1", checks, 5.0, 0.5, left_out=("9 outcomes are left out",)))
    told, empty, title, *_ = capsys.readouterr().out.splitlines()
    assert (told, empty, title.strip()) == ("9 outcomes are left out", "", "shop version 1: pass")


def test_a_pass_says_first_what_it_rests_on_and_last_what_to_paste(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lines to paste are printed as they are, however wide the terminal is."""
    long = "a,b,," + "price 3 against 40; " * 20
    checks = (Check("files", Result.PASS, "all there"),)
    print_verdict(Verdict("shop", "1", checks, 5.0, 0.5, basis="beats chance", lines=("[expect]", long)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pass: beats chance"
    assert lines[-2:] == ["[expect]", long]
    assert "to paste, once a person has looked at it:" in lines
