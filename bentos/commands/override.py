"""`ballast override`: a named person lets a held or rejected version serve, for a reason, for a while."""

from __future__ import annotations

import getpass
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from bentos.commands.console import err, out
from bentos.control.promotion import moves
from bentos.control.promotion.foresight import of_override
from bentos.home.rulings import Rulings
from bentos.home.state import Home
from bentos.home.steward_report import last_word
from bentos.settings import settings


def override(
    version: Annotated[str, typer.Argument(help="a version that the gate held or rejected")],
    why: Annotated[
        str, typer.Option("--why", "--reason", help="why it may serve all the same; is recorded")
    ] = "",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 30, help="for how long")] = 24,
    by: Annotated[str, typer.Option(help="who answers for it; you, if not given")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="end the override now")] = False,
) -> None:
    """Let a version serve that did not pass: in your name, for a reason, until a time, on record."""
    home, by = Home(settings().ranker_home), by or getpass.getuser()
    if withdraw:
        moves.withdraw_override(home, version, by)
        out.print(f"the override on version {version} has ended", highlight=False)
        return
    if not why:
        raise typer.BadParameter("--why: an override needs a reason")
    word = last_word(home, time.time()).report
    until = time.time() + hours * 3600
    if Rulings.of(home).get(version) is not None:
        err.print(of_override(home, version, word.aliases if word else {}), highlight=False, markup=False)
    moves.override(home, version, by, why, until)
    end = datetime.fromtimestamp(until, UTC).isoformat(timespec="minutes")
    out.print(f"version {version} may serve until {end}, in the name of {by}: {why}", highlight=False)
