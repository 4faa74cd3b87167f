"""`ballast export --slice`: the exploration slice as an unbiased training set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import err, out, print_json
from bentos.commands.days import Since, Until, seconds
from bentos.commands.progress import progress
from bentos.home.state import Home
from bentos.offline.slice_export import export as exported
from bentos.settings import settings


def export(
    slice_: Annotated[
        Path, typer.Option("--slice", help="the Parquet file to write the explored answers to")
    ],
    start: Since = None,
    end: Until = None,
    settle_hours: Annotated[float, typer.Option(help="hours that outcomes are waited for")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Write one row per explored request and item shown: features as served, outcome, propensity, weight."""
    home = Home(settings().ranker_home, settings().ranker)
    with progress("exporting") as (bar, task):
        found = exported(
            home,
            slice_,
            (seconds(start), seconds(end)),
            settle_hours,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json({"file": str(slice_), **asdict(found)})
        return
    out.print(
        f"{slice_}: {found.rows:,} rows of {found.decisions:,} explored decisions, {found.matured:,} with an "
        f"outcome of their own; {len(found.features)} features",
        highlight=False,
        soft_wrap=True,
    )
    for reason, count in found.left_out.items():
        err.print(f"left out: {count:,} {reason}", style="yellow", highlight=False, markup=False)
