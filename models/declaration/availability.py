"""When a feature becomes available, relative to the decision. Pure.

An entry of `features.available_at` maps a feature's name, or a glob over names, to an offset ("-1d", "0h",
"+2h": before, at, after the decision) or to a column of the table that holds the moment row by row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

OFFSET = re.compile(r"^([+-]?)(\d+(?:\.\d+)?)([smhd])$")
Entry = TypeVar("Entry")
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def is_glob(name: str) -> bool:
    """Whether the name is a pattern: `*`, `?` or `[` as in fnmatch."""
    return any(mark in name for mark in "*?[")


def offset_seconds(text: str) -> float | None:
    """Seconds relative to the decision ("-1d" → -86400.0); None where the text is not an offset."""
    found = OFFSET.match(text)
    if found is None:
        return None
    sign, amount, unit = found.groups()
    return (-1.0 if sign == "-" else 1.0) * float(amount) * SECONDS[unit]


def entry(entries: Mapping[str, Entry], name: str) -> Entry | None:
    """The entry that governs `name`: the exact name, else the longest glob that matches, else None."""
    if name in entries:
        return entries[name]
    globs = [glob for glob in entries if is_glob(glob) and fnmatchcase(name, glob)]
    return entries[max(globs, key=len)] if globs else None


def expand(patterns: tuple[str, ...], columns: list[str]) -> tuple[str, ...]:
    """Names as they are, globs replaced by the columns they match, in the table's order.

    The exact name of a column is that column, whatever marks it holds: "cheap?" is a glob only where no
    column is called so.

    >>> expand(("cheap?", "f*"), ["cheaper", "cheap?", "f1", "f2"])
    ('cheap?', 'f1', 'f2')
    """
    names: list[str] = []
    literal = {pattern for pattern in patterns if pattern in columns or not is_glob(pattern)}
    for pattern in patterns:
        if pattern in literal:
            names.append(pattern)
            continue
        taken = literal.union(names)
        names += [column for column in columns if fnmatchcase(column, pattern) and column not in taken]
    return tuple(names)
