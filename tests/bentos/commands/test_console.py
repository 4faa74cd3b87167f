"""What commands print with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bentos.commands.console import WIDE, err, out, print_json


def test_json_is_one_document_and_a_line_s_end(capsys: pytest.CaptureFixture[str]) -> None:
    """What JSON has no form for is written as text."""
    print_json({"file": Path("/a"), "n": 1})
    text = capsys.readouterr().out
    assert text.endswith("}\n")
    assert json.loads(text) == {"file": "/a", "n": 1}


def test_results_and_messages_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    out.print("result")
    err.print("message")
    assert capsys.readouterr() == ("result\n", "message\n")


def test_a_pipe_has_a_fixed_width() -> None:
    """So that a file reads the same wherever it was written."""
    assert (out.width, err.width) == (WIDE, WIDE)
