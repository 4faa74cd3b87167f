"""A drift comparison as a page: what was compared and found, above pictures of each column."""

from __future__ import annotations

import html
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from monitoring.dates import to_day
from monitoring.drift.columns import ColumnDrift, Drift
from monitoring.drift.outcomes import OutcomeDrift
from monitoring.drift.power import power

ROOT = Path(__file__).resolve().parents[2]  # where `python -m monitoring…` is found
DRAW = "import gc; gc.disable(); from monitoring.drift.pictures import main; main()"
"""What a process does that only draws. To look for cycles meanwhile costs a quarter of Evidently's import."""

MOST_ROWS = 5_000
"""Rows per window that are drawn; distances and limits come from all that `compare` has seen."""


def write_report(
    drift: Drift, reference: pd.DataFrame, current: pd.DataFrame, target: Path, title: str
) -> Path:
    """Write `target`, an HTML page that works offline, atomically; returns it. Two runs draw the same rows.

    The frames are those that were compared. Columns without a value in one of the windows have no picture.
    Raises OSError where the page cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    frames = [_drawn(frame, drift.columns) for frame in (reference, current)]
    shown = [
        column
        for column in sorted(drift.columns, key=lambda column: column.limit / max(column.value, 1e-12))
        if all(column.column in frame and frame[column.column].notna().any() for frame in frames)
    ]
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        page = _pictures(shown, frames) if shown else "<!DOCTYPE html><html><body></body></html>"
        temporary.write_text(_with_summary(page, drift, title), encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _pictures(columns: Sequence[ColumnDrift], frames: Sequence[pd.DataFrame]) -> str:
    """Evidently's page, made in a process of its own; that one says on stderr why it fails, if it does."""
    with TemporaryDirectory() as folder:
        compared, page = Path(folder) / "compared.pickle", Path(folder) / "page.html"
        compared.write_bytes(pickle.dumps((columns, frames)))
        command = [sys.executable, "-W", "ignore", "-c", DRAW, str(compared), str(page)]
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=True)  # noqa: S603 - our own
        return page.read_text(encoding="utf-8")


def _drawn(frame: pd.DataFrame, columns: Sequence[ColumnDrift]) -> pd.DataFrame:
    some = frame.sample(min(len(frame), MOST_ROWS), random_state=0)
    return pd.DataFrame(
        {each.column: _plain(some[each.column], each.kind) for each in columns if each.column in some}
    )


def _plain(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "numeric":
        return pd.to_numeric(column).astype("float64").replace([float("inf"), float("-inf")], float("nan"))
    return column.astype("object").where(column.notna(), None)


def _with_summary(page: str, drift: Drift, title: str) -> str:
    start = page.find("<body")
    end = page.find(">", start) + 1
    return page[:end] + _summary(drift, title) + page[end:]


def _summary(drift: Drift, title: str) -> str:
    """What the pictures below do not say: how much was compared, and where each limit comes from."""
    said = [
        f"{drift.rows[0]} rows of the reference and {drift.rows[1]} of the current window, in "
        f"{drift.blocks[0]} and {drift.blocks[1]} {drift.block}s. {len(drift.drifted)} of "
        f"{len(drift.columns)} columns have drifted; were nothing different, {drift.alpha:.0%} of such "
        "reports would name any.",
        power(drift),
        *drift.too_little,
    ]
    rows = "".join(_row(column) for column in drift.drifted)
    head = "<tr><th>column</th><th>role</th><th>distance</th><th>limit</th><th>p</th><th>the limit</th></tr>"
    table = f"<table cellpadding='6'>{head}{rows}</table>" if rows else ""
    text = "".join(f"<p>{html.escape(each)}</p>" for each in said)
    style = "font-family:sans-serif;font-size:14px;max-width:1200px;margin:24px auto;padding:0 16px"
    outcomes = _outcomes(drift.outcomes)
    return f"<section style='{style}'><h1>{html.escape(title)}</h1>{text}{table}{outcomes}</section>"


def _outcomes(outcomes: Sequence[OutcomeDrift]) -> str:
    """What came of the decisions: each quantity then and now, and the date of a change."""
    if not outcomes:
        return ""
    names = ("outcomes", "reference", "now", "difference", "limit", "p", "changed")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(
        _cells(
            [
                f"{'! ' if each.drifted else ''}{each.name}",
                *(f"{figure:.3f}" for figure in (each.reference, each.current, each.difference, each.limit)),
                f"{each.p:.4f}",
                dated(each),
            ]
        )
        for each in outcomes
    )
    return f"<table cellpadding='6'><tr>{head}</tr>{rows}</table>"


def dated(outcome: OutcomeDrift) -> str:
    """When a quantity changed, as text: the day and its interval; empty where it did not."""
    change = outcome.change
    if change is None:
        return ""
    day, low, high = (to_day(time) for time in (change.time, change.low, change.high))
    return f"{day} ({low} to {high}), from {change.before:.3f} to {change.after:.3f}"


def _row(column: ColumnDrift) -> str:
    cells = [
        column.column,
        column.role,
        f"{column.value:.3f}",
        f"{column.limit:.3f}",
        f"{column.p:.3f}",
        column.limit_source,
    ]
    return _cells(cells)


def _cells(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
