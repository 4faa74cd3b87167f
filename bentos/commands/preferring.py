"""What `ballast experiment analyze` shows of an experiment that interleaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from bentos.commands.console import err, out, print_json

if TYPE_CHECKING:
    from experiments.preferences import Preferences


def show(name: str, found: Preferences, html: Path | None, as_json: bool) -> None:
    """The table, what stands beside it, and the verdict; or JSON; and a page where one is asked for."""
    from experiments.preference_report import headings, page, rows, sentences, to_json
    from experiments.preferences import preferred

    said = preferred(found)
    if html is not None:
        html.write_text(page(name, found, said))
        err.print(f"wrote {html}", highlight=False)
    if as_json:
        print_json(to_json(found, said))
        return
    shown = Table(*headings(found))
    for row in rows(found.credits):
        shown.add_row(*row)
    out.print(shown)
    for sentence in sentences(found):
        err.print(f"! {sentence}", style="yellow", highlight=False, markup=False)
    out.print(str(said), style="bold", highlight=False, markup=False)
