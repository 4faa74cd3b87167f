"""Who looks at an experiment is remembered in the home: when, at how much, and what was said."""

from __future__ import annotations

import json
from pathlib import Path

from experiments.analysis.page import Look

MOST = 1_000
"""Looks that are kept; the oldest leave first."""


def looked(folder: Path, name: str, look: Look) -> list[Look]:
    """Remember a look at an experiment; all that are known, this one last.

    Where the home can't be written, nothing is remembered: looking is not refused for it.
    """
    file = folder / "looks.jsonl"
    line = json.dumps({"experiment": name, "at": look.at, "rows": look.rows, "said": look.said})
    lines = _lines(file)
    kept = [*lines, line][-MOST:]
    try:
        with file.open("w" if len(lines) >= MOST else "a", encoding="utf-8") as out:
            out.write("".join(f"{each}\n" for each in (kept if len(lines) >= MOST else [line])))
    except OSError:
        pass
    return _looks(kept, name)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _looks(lines: list[str], name: str) -> list[Look]:
    """Those of one experiment; a line that was cut short is passed over."""
    found = []
    for line in lines:
        try:
            each = json.loads(line)
        except ValueError:
            continue
        if each["experiment"] == name:
            found.append(Look(each["at"], each["rows"], each["said"]))
    return found
