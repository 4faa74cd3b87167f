"""What `ballast experiment analyze` shows: tables, what stands beside them, and the verdict; or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bentos.commands.console import err, out, print_json

if TYPE_CHECKING:
    from experiments.analysis.effects import Analysis
    from experiments.analysis.verdict import Recommendation
    from experiments.interleaving.preferences import Preferences


def analysis(name: str, found: Analysis, said: Recommendation, html: Path | None, as_json: bool) -> None:
    """An experiment that splits units; `html` gets a page where it is given."""
    from experiments.analysis.report import HEADINGS, page, parts_of, rows, to_json

    if html is not None:
        _write(html, page(name, found, said))
    if as_json:
        print_json(to_json(found, said))
        return
    for whose, each in zip(("", "where arms differ: "), found.mismatches, strict=False):
        style = "red" if each.blocks else None
        out.print(f"{whose}{each.sentence()}", style=style, highlight=False, markup=False)
    parts: list[tuple[str, Any]] = [*parts_of(found)]
    parts += [
        (f"{column} = {value}", each) for column, of in found.slices.items() for value, each in of.items()
    ]
    for title, effects in parts:
        _table(HEADINGS, rows(effects), title)
    _end(found.notes, said)


def preferences(name: str, found: Preferences, html: Path | None, as_json: bool) -> None:
    """The same of an experiment that interleaves."""
    from experiments.interleaving.preferences import preferred
    from experiments.interleaving.report import headings, page, rows, sentences, to_json

    said = preferred(found)
    if html is not None:
        _write(html, page(name, found, said))
    if as_json:
        print_json(to_json(found, said))
        return
    _table(headings(found), rows(found.credits))
    _end(sentences(found), said)


def _write(html: Path, page: str) -> None:
    html.write_text(page)
    err.print(f"wrote {html}", highlight=False)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    shown = Table(*headings, title=title or None, title_justify="left")
    for row in rows:
        shown.add_row(*row)
    out.print(shown)


def _end(notes: Iterable[str], said: object) -> None:
    for note in notes:
        err.print(f"! {note}", style="yellow", highlight=False, markup=False)
    out.print(str(said), style="bold", highlight=False, markup=False)
