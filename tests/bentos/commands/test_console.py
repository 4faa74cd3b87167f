"""What commands print with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.commands.console import NARROW, err, out, print_json


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
    assert (out.width, err.width) == (NARROW, NARROW)


@pytest.mark.parametrize(("said", "width"), [("100", 100), ("", NARROW), ("many", NARROW), ("0", NARROW)])
def test_columns_says_otherwise(said: str, width: int) -> None:
    """The variable that terminals and scripts set."""
    asked = "from bentos.commands.console import out; print(out.width)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "COLUMNS": said},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == width


def test_no_color_is_honoured() -> None:
    """Even where colours are forced."""
    asked = "from bentos.commands.console import out; out.print('said', style='red')"
    for said, coloured in (("", True), ("1", False)):
        done = subprocess.run(
            [sys.executable, "-c", asked],
            env={**os.environ, "NO_COLOR": said, "FORCE_COLOR": "1", "TERM": "xterm"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("\x1b[31m" in done.stdout) is coloured
