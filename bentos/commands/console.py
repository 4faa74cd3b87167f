"""What commands print with: one console for results, one for messages."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from typing import Any, TextIO

from rich.console import Console

NARROW = 80  # columns, where the output is a file or a pipe and COLUMNS says nothing


def _width(stream: TextIO) -> int | None:
    """Columns to print in: what COLUMNS says; None where a terminal is asked. (NO_COLOR is Rich's own.)"""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return None if stream.isatty() else NARROW


class _Console(Console):
    """Sentences are broken into lines for a terminal alone, so that they can be searched for in a file."""

    def print(self, *objects: Any, **how: Any) -> None:
        if not self.is_terminal and all(isinstance(each, str) for each in objects):
            how.setdefault("soft_wrap", True)
        super().print(*objects, **how)


out = _Console(width=_width(sys.stdout))
err = _Console(stderr=True, width=_width(sys.stderr))


def print_json(value: Any) -> None:
    """One JSON document on standard output, for programs."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def three_lines(text: str, width: int, whole: str) -> str:
    r"""A text in three lines of `width` at the most; where it was cut, `whole` is said to have all of it.

    In lines that are too narrow to say so, it is cut without a word.

    >>> three_lines("a word " * 20, 20, "more")
    'a word a word a word\na word a word a word\na word a … (more)'
    >>> three_lines("a word " * 20, 20, "ballast status --json")
    'a word a word a word\na word a word a word\na word a word a …'
    """
    width, cut = max(width, 20), f"… ({whole})"
    lines = textwrap.wrap(text, width, max_lines=3, placeholder=f" {cut if len(cut) <= width else '…'}")
    return "\n".join(lines)
