"""What commands print with: one console for results, one for messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WIDE = 120  # columns, where the output is a file or a pipe

out = Console(width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, width=None if sys.stderr.isatty() else WIDE)


def print_json(value: Any) -> None:
    """One JSON document on standard output, for programs."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


@contextmanager
def mistakes(*kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds are a user's mistake: one sentence, and status 2."""
    try:
        yield
    except kinds as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(2) from error


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[tuple[Progress, Any]]:
    """A progress bar on standard error; silent where that is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        yield bar, bar.add_task(description, total=total)
