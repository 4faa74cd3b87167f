"""`ballast evidence`: windows of the log that are no evidence; striking one, and taking that back."""

from __future__ import annotations

import getpass
import time
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from bentos.commands.console import out, print_json
from bentos.control.experiments.compare_and_swap import refuse_following
from bentos.home.state import Home
from bentos.home.struck_evidence import JudgedAnew, restore
from bentos.home.struck_evidence import strike as strike_window
from bentos.settings import settings
from monitoring.dates import to_minute
from monitoring.log.struck import StruckWindow, read

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
Why = Annotated[str, typer.Option("--why", "--reason", help="why; is recorded")]
By = Annotated[str, typer.Option(help="who answers for it; you, if not given")]

app = typer.Typer(
    add_completion=False,
    help="Show windows of the log that are no evidence; `evidence strike` and `unstrike` change them.",
    invoke_without_command=True,
)


@app.callback()
def evidence(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show every struck window, by number, and what the guard suspects."""
    if context.invoked_subcommand is None:
        _show(as_json)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """The same."""
    _show(as_json)


@app.command()
def strike(
    start: Annotated[datetime, typer.Option("--from", formats=FORMATS, help="its begin, UTC, event time")],
    end: Annotated[datetime, typer.Option("--to", formats=FORMATS, help="its end, which is no part of it")],
    why: Why = "",
    by: By = "",
) -> None:
    """Strike what was decided or told in a window: guard, gate, corrections and analyses leave it out."""
    since, until = (each.replace(tzinfo=UTC).timestamp() for each in (start, end))
    made = StruckWindow(since, until, why, by or getpass.getuser(), time.time())
    _say("struck", strike_window(_leading(), made))


@app.command()
def unstrike(
    number: Annotated[int, typer.Argument(help="a struck window, as `ballast evidence` numbers it")],
    why: Why = "",
    by: By = "",
) -> None:
    """Take a strike back: the window is evidence again."""
    _say("evidence again", restore(_leading(), number, by or getpass.getuser(), why, time.time()))


def _leading() -> Home:
    """The home, where it is that of the host whose Steward leads. Raises ChangeError on another one."""
    home = Home(settings().ranker_home, settings().ranker)
    refuse_following(home)
    return home


def _show(as_json: bool) -> None:
    windows = read(Home(settings().ranker_home, settings().ranker).log, suspected=True)
    if as_json:
        print_json(msgspec.to_builtins(windows))
        return
    number = 0
    for each in windows:
        number += not each.suspected
        head = "suspected" if each.suspected else f"{number}: struck"
        end = "" if each.until is None else f" to {to_minute(each.until)}"
        out.print(
            f"{head} from {to_minute(each.since)}{end}, by {each.by}: {each.why}",
            markup=False,
            highlight=False,
        )
    if not windows:
        out.print("nothing is struck from evidence")


def _say(what: str, found: JudgedAnew) -> None:
    out.print(f"the window is {what}; outcomes are counted anew", highlight=False)
    for word, names in (
        ("no longer stopped", found.released),
        ("judged again by the gate", found.versions),
        ("corrections taken back", found.corrections),
    ):
        if names:
            out.print(f"{word}: {', '.join(names)}", highlight=False)
