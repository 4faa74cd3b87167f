"""What `ballast experiment analyze` prints: the verdict, tables, notes; or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import err, out, print_json
from experiments.analysis.effects import Analysis
from experiments.analysis.mismatch import DOUBTFUL
from experiments.analysis.page import Look, page, trend_told
from experiments.analysis.question import Question
from experiments.analysis.report import (
    HEADINGS,
    SHORT,
    SLICE,
    asides,
    interval,
    parts_of,
    rows,
    short_rows,
    slice_rows,
    to_json,
)
from experiments.analysis.verdicts import verdicts_of
from experiments.config.problems import AnalysisError

EXITS = {"ship": 0, "prefer": 0, "can't say": 1, "don't": 10, "no preference": 10, "keep going": 11}
"""With --exit-code, the status of each verdict."""
WIDE = 160  # columns that a table of all figures needs
SHOWN = 5
"""Slices with a mismatch that are printed, the worst first; --json has all."""


@dataclass(frozen=True)
class ResultForm:
    """How a result is shown: a page as well, as JSON, and the verdict as the exit status."""

    html: Path | None = None
    as_json: bool = False
    exit_code: bool = False
    over_time: bool = False

    @property
    def detailed(self) -> bool:
        """Whether effects over time are wanted."""
        return self.over_time or self.html is not None


def print_analysis(
    name: str, found: Analysis, question: Question, shown: ResultForm, looks: Sequence[Look]
) -> None:
    """An experiment that splits units: the verdict first, then what it rests on. Exits as `exit_for` says."""
    said = verdicts_of(found, question)
    if shown.html is not None:
        write_page(shown.html, page(name, found, question, said, looks))
    if shown.as_json:
        print_json(to_json(found, said))
        return exit_for(said.overall.word, shown)
    print_verdicts(str(said), [str(each) for each in said.arms] if len(said.arms) > 1 else [])
    out.print(found.accounting.sentence(), highlight=False, markup=False)
    for whose, each in zip(("", "where arms differ: "), found.mismatches, strict=False):
        style = "red" if each.blocks else "yellow" if each.doubtful else None
        out.print(f"{whose}{each.sentence()}", style=style, highlight=False, markup=False)
    for sliced in [each for each in found.mismatch_slices if each.p < DOUBTFUL][:SHOWN]:
        out.print(str(sliced), style="red", highlight=False, markup=False)
    for title, effects in parts_of(found):
        if out.width < WIDE:
            print_table(SHORT, short_rows(effects), title)
            for line in asides(effects):
                out.print(f"  {line}", highlight=False, markup=False)
        else:
            print_table(HEADINGS, rows(effects), title)
    for column in found.slices:
        print_table(
            (column, *SLICE),
            slice_rows(found, column, wide=out.width >= WIDE),
            f"the primary metric by {column}",
        )
    for effect in found.differing:
        out.print(effect.sentence(), highlight=False, markup=False)
    if shown.over_time:
        _print_courses(found)
    print_notes(found.notes)
    return exit_for(said.overall.word, shown)


def _print_courses(found: Analysis) -> None:
    """The primary metric's effect over time, in each of its three ways."""
    for each in found.courses:
        lines = [
            (
                moment.label,
                f"{moment.units[0]:,} / {moment.units[1]:,}",
                f"{moment.value:.4g}",
                "" if moment.lift is None else f"{moment.lift:+.1%}",
                interval(moment.interval, moment.relative),
            )
            for moment in each.moments
        ]
        print_table((each.kind, "units", "value", "lift", "interval"), lines, f"{each.arm}, {each.kind}")
        if each.trend is not None:
            out.print(trend_told(each), highlight=False, markup=False)


def exit_for(word: str, shown: ResultForm) -> None:
    """Status 1 where nothing can be said: a script must not take that for an answer. The word's own status
    where `--exit-code` asks for it.
    """
    code = EXITS[word] if shown.exit_code else int(word == "can't say")
    if code:
        raise typer.Exit(code)


def write_page(html: Path, page: str) -> None:
    """A page, where `--html` says. Raises AnalysisError where that can't be written."""
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise AnalysisError(f"--html: {html}: can't be written: {error.strerror}") from error
    err.print(f"wrote {html}", highlight=False)


def print_table(headings: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    """A table on standard output, no wider than it is; words are broken where there is no room."""
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    out.print(table)


def print_verdicts(said: str, arms: Iterable[str]) -> None:
    """The sentence on the experiment, and one on each arm where there are several."""
    out.print(said, style="bold", highlight=False, markup=False)
    for each in arms:
        out.print(f"  {each}", highlight=False, markup=False)


def print_notes(notes: Iterable[str]) -> None:
    """What stands below the tables."""
    for note in notes:
        err.print(f"! {note}", style="yellow", highlight=False, markup=False)
