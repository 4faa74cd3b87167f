"""Who looks at an experiment is remembered in the home: when, at how much, and what was said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bentos.home.state import Home
from bentos.settings import SettingsError, settings
from experiments.analysis.page import Look

MOST = 1_000
"""Looks that are kept; the oldest leave first."""


def looked(folder: Path, name: str, look: Look, plan: Path | None = None) -> list[Look]:
    """Remember a look at an experiment; all that are known, this one last.

    `plan`: the file that declares it, of a table; the log's experiments have none. Where the home can't be
    written, nothing is remembered: looking is not refused for it.
    """
    file = folder / "looks.jsonl"
    whose = {"experiment": name} | ({} if plan is None else {"plan": str(plan.resolve())})
    line = json.dumps({**whose, "at": look.at, "rows": look.rows, "said": look.said})
    lines = _lines(file)
    kept = [*lines, line][-MOST:]
    try:
        with file.open("w" if len(lines) >= MOST else "a", encoding="utf-8") as out:
            out.write("".join(f"{each}\n" for each in (kept if len(lines) >= MOST else [line])))
    except OSError:
        pass
    return _looks(kept, whose)


def looked_at_table(name: str, look: Look, plan: Path | None) -> list[Look]:
    """The same of a table, whose experiment is known by its plan.

    Without one, or without a home, this look is all that is known.
    """
    if plan is None:
        return [look]
    try:
        return looked(Home(settings().ranker_home).folder, name, look, plan)
    except SettingsError:
        return [look]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _looks(lines: list[str], whose: Mapping[str, str]) -> list[Look]:
    """Those of one experiment; a line that isn't a look, such as one cut short, is passed over."""
    found = []
    for line in lines:
        try:
            each = msgspec.json.decode(line, type=_Line)
        except ValueError:
            continue
        if (each.experiment, each.plan) == (whose["experiment"], whose.get("plan")):
            found.append(Look(each.at, each.rows, each.said))
    return found


class _Line(msgspec.Struct, frozen=True):
    """A look as the file has it."""

    experiment: str
    at: float
    rows: int
    said: str
    plan: str | None = None
