"""What `ballast experiment analyze` prints: tables, notes and the verdict; or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json
from experiments.analysis.effects import Analysis
from experiments.analysis.mismatch import DOUBTFUL
from experiments.analysis.recommendation import Recommendation
from experiments.analysis.report import HEADINGS, page, parts_of, rows, to_json
from experiments.config.problems import AnalysisError

SHOWN = 5
"""Slices with a mismatch that are printed, the worst first; --json has all."""


def print_analysis(
    name: str, found: Analysis, said: Recommendation, html: Path | None, as_json: bool
) -> None:
    """An experiment that splits units; `html` gets a page where it is given. Exits 1 for "can't say"."""
    if html is not None:
        write_page(html, page(name, found, said))
    if as_json:
        print_json(to_json(found, said))
        return exit_for(said.word)
    out.print(found.accounting.sentence(), highlight=False, markup=False)
    for whose, each in zip(("", "where arms differ: "), found.mismatches, strict=False):
        style = "red" if each.blocks else "yellow" if each.doubtful else None
        out.print(f"{whose}{each.sentence()}", style=style, highlight=False, markup=False)
    for sliced in [each for each in found.mismatch_slices if each.p < DOUBTFUL][:SHOWN]:
        out.print(str(sliced), style="red", highlight=False, markup=False)
    parts: list[tuple[str, Any]] = [*parts_of(found)]
    parts += [
        (f"{column} = {value}", each) for column, of in found.slices.items() for value, each in of.items()
    ]
    for title, effects in parts:
        print_table(HEADINGS, rows(effects), title)
    print_end(found.notes, said)
    return exit_for(said.word)


def exit_for(word: str) -> None:
    """Status 1 where nothing can be said: a script must not take that for an answer."""
    if word == "can't say":
        raise typer.Exit(1)


def write_page(html: Path, page: str) -> None:
    """A page, where `--html` says. Raises AnalysisError where that can't be written."""
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"--html: {html}: can't be written: {error.strerror}") from error
    err.print(f"wrote {html}", highlight=False)


def print_table(headings: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    """A table on standard output."""
    shown = Table(*headings, title=title or None, title_justify="left")
    for row in rows:
        shown.add_row(*row)
    out.print(shown)


def print_end(notes: Iterable[str], said: object) -> None:
    """What stands below the tables: notes, and the verdict."""
    for note in notes:
        err.print(f"! {note}", style="yellow", highlight=False, markup=False)
    out.print(str(said), style="bold", highlight=False, markup=False)
