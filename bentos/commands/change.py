"""What the commands that change experiments share: who, why, refusals, warnings, and what is told."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from bentos.commands.console import err, out, print_json
from bentos.control.experiments.changes import Applied
from bentos.control.experiments.compare_and_swap import (
    Conflict,
)
from bentos.control.experiments.unknown_versions import unknown_versions
from bentos.home.state import Home
from bentos.home.uptake import PATIENCE
from experiments.assignment.salt_dependence import told as dependent_salts
from experiments.config.live import Live
from experiments.config.problems import ConfigError

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Why = Annotated[str, typer.Option(help="why; is recorded")]
By = Annotated[str, typer.Option(help="in whose name; the user of the system if not given")]
NOT_TAKEN_UP, CONFLICT = 3, 4  # exit codes


def person_and_reason(by: str, why: str) -> tuple[str, str]:
    """Who changes what runs, and why."""
    if not why.strip():
        raise typer.BadParameter("--why: a change of what runs needs a reason")
    return by or getpass.getuser(), why.strip()


def tell(done: Applied, found: dict[str, object], as_json: bool) -> None:
    """Say what was done, and whether every worker serves it; exit with 3 where not every one does."""
    print_if(as_json, found | asdict(done))
    if done.seconds is None:
        for problem in done.problems:
            err.print(f"! {problem}", style="yellow", highlight=False, markup=False)
        err.print(
            f"the file is written, but not every worker serves it after {PATIENCE:.0f} s; "
            "`ballast status` says what is wrong",
            style="yellow",
            highlight=False,
        )
        raise typer.Exit(NOT_TAKEN_UP)
    if not as_json:
        out.print(
            f"{done.after} is live: every worker serves epoch {done.epoch} after {done.seconds} s",
            highlight=False,
        )


def warn_of(home: Home, live: Live) -> list[str]:
    """Say which versions of a live.yaml nobody here knows, and which salts are dependent; those sentences."""
    found = [*unknown_versions(home, live), *dependent_salts(live)]
    for sentence in found:
        err.print(f"! {sentence}", style="yellow", highlight=False, markup=False)
    return found


def print_if(as_json: bool, body: dict[str, object]) -> None:
    """One JSON document, where it was asked for."""
    if as_json:
        print_json(body)


@contextmanager
def refusals(as_json: bool) -> Iterator[None]:
    """A file that doesn't hold is status 1, a conflict status 4; other mistakes are the command line's."""
    try:
        yield
    except ConfigError as error:
        _refuse(as_json, str(error), {"problems": [problem._asdict() for problem in error.problems]})
        raise typer.Exit(1) from error
    except Conflict as error:
        _refuse(as_json, str(error), {"epoch": error.epoch, "experiments": error.digest})
        raise typer.Exit(CONFLICT) from error


def _refuse(as_json: bool, message: str, facts: dict[str, object]) -> None:
    print_if(as_json, {"ok": False, "error": message, **facts})
    if not as_json:
        err.print(message, style="red", highlight=False, markup=False)
