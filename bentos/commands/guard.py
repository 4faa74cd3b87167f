"""`ballast guard`: what the guard watches and has stopped; `guard clear`: a person's word against it."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import out, print_json
from bentos.home import stops
from bentos.home.evidence import read_all
from bentos.home.state import Home
from bentos.settings import settings

app = typer.Typer(
    add_completion=False, help="What the guard watches and has stopped.", invoke_without_command=True
)


@app.callback()
def guard(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False
) -> None:
    """Each version's quantities with their limits and evidence, and what is stopped."""
    if context.invoked_subcommand is not None:
        return
    home = Home(settings().ranker_home)
    active = [each for each in stops.Stops.of(home).all() if each.cleared is None]
    watched = read_all(home)
    if as_json:
        print_json({"stopped": msgspec.to_builtins(active), "watched": watched})
        return
    out.print(_quantities(watched))
    for stop in active:
        out.print(
            f"stopped: {stop.kind} {stop.subject}: {stop.why}; {stop.done}", markup=False, highlight=False
        )
    if not active:
        out.print("nothing is stopped")


@app.command()
def clear(
    subject: Annotated[
        str, typer.Argument(help="a version, a snapshot or a quantity, as `ballast guard` lists it")
    ],
    reason: Annotated[str, typer.Option(help="why it may serve again; is recorded")] = "",
    by: Annotated[str, typer.Option(help="who answers for it")] = "",
) -> None:
    """Let what the guard stopped serve again: in a person's name, for a reason, on record."""
    stop = stops.clear(Home(settings().ranker_home), subject, by or getpass.getuser(), reason)
    out.print(f"{stop.kind} {subject} is cleared: it is watched anew from here", highlight=False)


def _quantities(watched: dict[str, Any]) -> Table:
    table = Table(title="what the guard watches", title_justify="left")
    for name in ("version", "quantity", "clock", "observed", "mean", "limit", "evidence", "limit from"):
        table.add_column(name, overflow="fold")
    for version, found in watched.items():
        for name, one in found["quantities"].items():
            mean = "–" if one["mean"] is None else f"{one['mean']:.3g}"
            row = (f"{one['observations']:,}", mean, f"{one['limit']:.3g}", f"{one['evidence']:.0%}")
            table.add_row(version, name, one["clock"], *row, escape(one["source"]))
    return table
