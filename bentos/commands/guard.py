"""`ballast guard`: what the guard watches and has stopped; `guard clear`: a person's word against it."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import out, print_json
from bentos.home import stops
from bentos.home.evidence import read_all
from bentos.home.state import Home
from bentos.settings import settings
from monitoring.log import struck

WORTH_A_LOOK = 0.1  # of the evidence at which a version is stopped; on most days nothing has as much
DECLARED = " does not hold"  # how quantities of declared invariants end: a person has to mend these
AT_ONCE = 10  # rows that are read at a glance


class _Watched(NamedTuple):
    """One quantity of one version, as it stood when it was saved."""

    version: str
    name: str
    found: dict[str, Any]

    @property
    def evidence(self) -> float:
        """Share of what would trip it; what isn't known is none."""
        return float(self.found.get("evidence") or 0.0)


app = typer.Typer(
    add_completion=False, help="What the guard watches and has stopped.", invoke_without_command=True
)


@app.callback()
def guard(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="every quantity, also those that are well")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """What is stopped, then the quantities that come nearest to a stop: the worst first."""
    if context.invoked_subcommand is not None:
        return
    home = Home(settings().ranker_home)
    active = [each for each in stops.Stops.of(home).all() if each.cleared is None]
    watched = read_all(home)
    if as_json:
        print_json({"stopped": msgspec.to_builtins(active), "watched": watched})
        return
    for stop in active:
        out.print(
            f"stopped: {stop.kind} {stop.subject}: {stop.why}; {stop.done}", markup=False, highlight=False
        )
    if not active:
        out.print("nothing is stopped")
    _print_quantities(_worst_first(watched), every)
    _print_unwatched(watched, every)


@app.command()
def clear(
    subject: Annotated[
        str, typer.Argument(help="a version, a snapshot or a quantity, as `ballast guard` lists it")
    ],
    why: Annotated[str, typer.Option("--why", "--reason", help="why it may serve again; is recorded")] = "",
    by: Annotated[str, typer.Option(help="who answers for it; you, if not given")] = "",
) -> None:
    """Let what the guard stopped serve again: in a person's name, for a reason, on record."""
    home = Home(settings().ranker_home)
    stop = stops.clear(home, subject, by or getpass.getuser(), why)
    if stop.kind == "outcomes":
        struck.trust(home.log)
    out.print(f"{stop.kind} {subject} is cleared: it is watched anew from here", highlight=False)


def _rows(watched: dict[str, Any]) -> list[_Watched]:
    return [
        _Watched(v, name, one) for v, found in watched.items() for name, one in found["quantities"].items()
    ]


def _print_unwatched(watched: dict[str, Any], every: bool) -> None:
    """What can't be watched, and why: declared invariants, and on request all of it."""
    rows = [row for row in _rows(watched) if row.found.get("limit") is None]
    shown = [row for row in rows if every or row.name.endswith(DECLARED)]
    for row in shown:
        said = f"{row.name} of {row.version}: {row.found['source']}"
        out.print(said, markup=False, highlight=False)
    if len(shown) < len(rows):
        left = f"{len(rows) - len(shown)} figures are not watched; why: ballast guard --all"
        out.print(left, highlight=False)


def _worst_first(watched: dict[str, Any]) -> list[_Watched]:
    rows = [row for row in _rows(watched) if row.found.get("limit") is not None]
    return sorted(rows, key=lambda row: (-row.evidence, row.name, row.version))


def _print_quantities(rows: Sequence[_Watched], every: bool) -> None:
    shown = rows if every else [row for row in rows if row.evidence >= WORTH_A_LOOK][:AT_ONCE]
    if shown:
        out.print(_table(shown, every))
    if len(shown) < len(rows):
        out.print(_left_out(rows[len(shown) :], bool(shown)), markup=False, highlight=False)


def _left_out(rest: Sequence[_Watched], some: bool) -> str:
    """How many are not shown, and how far the worst of them is from a stop."""
    worst, more = rest[0], "more " if some else ""
    return (
        f"{len(rest)} {more}quantities are watched; the one nearest to a stop, {worst.name!r} of version "
        f"{worst.version}, has {worst.evidence:.0%} of the evidence for one: ballast guard --all"
    )


def _table(rows: Sequence[_Watched], every: bool) -> Table:
    """Where each limit is from and how often it is looked at are for who looks at all of them."""
    table = Table(title="what the guard watches", title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("version", overflow="fold", max_width=8)
    table.add_column("quantity", overflow="fold", min_width=16)
    for name in ("evidence", "mean", "limit", "observed"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("clock", "limit from") if every else ():
        table.add_column(name, overflow="fold", min_width=7)
    for version, name, one in rows:
        mean = _mean(one)
        row = (f"{one['evidence']:.0%}", mean, f"{one['limit']:.3g}", f"{one['observations']:,}")
        more = (one["clock"], escape(one["source"])) if every else ()
        table.add_row(version, escape(name), *row, *more)
    return table


def _mean(one: dict[str, Any]) -> str:
    """The mean that speaks against health, since it began to; else that of the last looks."""
    change = one.get("change") if (one["evidence"] or 0.0) >= WORTH_A_LOOK else None
    mean = change["mean"] if change else one["mean"]
    return "–" if mean is None else f"{mean:.3g}"
