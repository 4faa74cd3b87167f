"""The gate's verdict on a version, as `ballast gate` and `ballast promote` print it."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from bentos.commands.console import out
from models.gate.verdict import Result, Verdict


def print_verdict(verdict: Verdict) -> None:
    """What a pass rests on, a table of its checks with figures and limits, and lines to paste."""
    style = {Result.PASS: "green", Result.HOLD: "yellow", Result.REJECT: "red"}
    table = Table(
        title=f"{verdict.ranker} version {verdict.version}: {verdict.result.word}", title_justify="left"
    )
    for name in ("check", "outcome", "figure", "limit", "what was found"):
        table.add_column(name, overflow="fold")
    for check in verdict.checks:
        figures = (check.shown(figure) for figure in (check.figure, check.limit))
        word = f"[{style[check.result]}]{check.result.word}[/]"
        table.add_row(check.name, word, *figures, escape(check.sentence))
    if verdict.basis and verdict.result is Result.PASS:
        out.print(f"pass: {verdict.basis}\n", markup=False, highlight=False)
    out.print(table)
    if verdict.lines:
        out.print("\nto paste, once a person has looked at it:\n", markup=False, highlight=False)
        for line in verdict.lines:
            out.print(line, markup=False, highlight=False, soft_wrap=True)
