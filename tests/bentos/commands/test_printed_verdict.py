"""The gate's verdict as people read it."""

from __future__ import annotations

import pytest

from bentos.commands.printed_verdict import print_verdict
from models.gate.verdict import Check, Result, Verdict


def test_every_check_has_a_row_with_its_figure_and_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in a sentence stay as they are."""
    checks = (
        Check("files", Result.PASS, "all there"),
        Check("ndcg", Result.HOLD, "0.70 [0.68, 0.72] is too little to say", 0.703, 0.71),
    )
    print_verdict(Verdict("flights", "3", checks, time=5.0, seconds=0.5))
    title, *_, files, ndcg, _ = (line.strip() for line in capsys.readouterr().out.splitlines())
    assert title == "flights version 3: hold"
    assert [cell.strip() for cell in files.split("│")[1:-1]] == ["files", "pass", "", "", "all there"]
    assert [cell.strip() for cell in ndcg.split("│")[1:-1]] == [
        *("ndcg", "hold", "0.703", "0.71"),
        "0.70 [0.68, 0.72] is too little to say",
    ]


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
