"""Without a process that answers, or with one of another release, the command line works by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.console.client import ask_explanation
from bentos.home.state import Home
from tests.bentos.http.test_forward import console


def test_nobody_answers(tmp_path: Path) -> None:
    assert ask_explanation(Home(tmp_path), "a", []) is None


@pytest.mark.parametrize("said", [b"{}", b"nonsense", b'{"request_id": "a"}'])
def test_what_another_release_answers_is_not_understood(tmp_path: Path, said: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(said)
    with console(Home(tmp_path), head + said):
        assert ask_explanation(Home(tmp_path), "a", []) is None
