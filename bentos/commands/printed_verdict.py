"""The gate's verdict on a version, as `ballast gate` and `ballast promote` print it."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import out
from models.gate.verdict import Check, Result, Verdict

WIDE = 120  # columns in which figures and limits stand beside their sentences
STYLE = {Result.PASS: "green", Result.HOLD: "yellow", Result.REJECT: "red"}


def print_verdict(verdict: Verdict) -> None:
    """What a pass rests on, outcomes left out, a table of its checks, the worst first, and lines to paste."""
    if verdict.basis and verdict.result is Result.PASS:
        out.print(f"pass: {verdict.basis}\n", markup=False, highlight=False)
    for sentence in verdict.left_out:
        out.print(f"{sentence}\n", markup=False, highlight=False)
    out.print(_table(verdict, out.width))
    if verdict.lines:
        out.print("\nto paste, once a person has looked at it:\n", markup=False, highlight=False)
        for line in verdict.lines:
            out.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(verdict: Verdict, width: int) -> Table:
    """A row for each check; figure and limit have columns of their own where there is room for them."""
    narrow = width < WIDE
    table = Table(
        title=f"{verdict.ranker} version {verdict.version}: {verdict.result.word}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 0) if narrow else (0, 1),
    )
    figures = () if narrow else ("figure", "limit")
    for name in ("check", "outcome", *figures, "what was found"):
        table.add_column(
            name, overflow="fold", min_width=len(name), max_width=24 if name == "check" else None
        )
    for check in sorted(verdict.checks, key=lambda each: -each.result):
        word = f"[{STYLE[check.result]}]{check.result.word}[/]"
        shown = () if narrow else (check.shown(check.figure), check.shown(check.limit))
        said = f"{check.sentence}{_measured(check)}" if narrow and check.result else check.sentence
        table.add_row(check.name, word, *shown, escape(said))
    return table


def _measured(check: Check) -> str:
    """The figure and its limit behind a sentence, where they have no columns."""
    if check.figure is None or check.limit is None:
        return ""
    return f" ({check.shown(check.figure)}, limit {check.shown(check.limit)})"
