"""`ballast correction`: how served probabilities are corrected, since when, by whose word no longer."""

from __future__ import annotations

import getpass
import time
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import out, print_json
from bentos.home.corrections import KeptCorrection, drop, kept
from bentos.home.journal import Event, append
from bentos.home.state import Home, State, read_state
from bentos.settings import settings
from monitoring.calibration.correction import Additive
from monitoring.dates import to_day

app = typer.Typer(add_completion=False, help="The corrections of served probabilities; taking one back.")


@app.callback(invoke_without_command=True)
def correction(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Show all corrections, newest last, with the verdicts on them."""
    if context.invoked_subcommand is not None:
        return
    home = Home(settings().ranker_home, settings().ranker)
    state, history = read_state(home.state), kept(home)
    if as_json:
        print_json([_document(each, state) for each in history])
    elif history:
        out.print(_table(history, state))
    else:
        out.print("no version has a correction; docs/ranker.md says how to ask for one", highlight=False)


@app.command("drop")
def drop_(
    version: Annotated[str, typer.Argument(help="the version whose correction is taken back")],
    why: Annotated[str, typer.Option("--why", "--reason", help="why; is recorded")],
    by: Annotated[str, typer.Option(help="who answers for it; you, if not given")] = "",
) -> None:
    """Take back the correction that a version serves with: the one before serves again, or none."""
    home, name, now = Home(settings().ranker_home, settings().ranker), by or getpass.getuser(), time.time()
    found = drop(home, version, name, why, now)
    facts = {"version": version, "correction": found.digest}
    append(home, Event.CORRECTION_DROPPED, f"{name}: {why}", now, facts)
    out.print(f"the correction {found.digest} of version {version} is taken back", highlight=False)


def _document(each: KeptCorrection, state: State | None) -> dict[str, Any]:
    return {
        "digest": each.digest,
        "serving": _serving(each, state),
        **msgspec.to_builtins(each.fitted),
        "passed": each.fitted.judged.passed,
        "dropped": msgspec.to_builtins(each.dropped),
    }


def _serving(each: KeptCorrection, state: State | None) -> bool:
    return state is not None and state.corrections.get(each.fitted.version) == each.digest


def _table(history: list[KeptCorrection], state: State | None) -> Table:
    shown = Table()
    shown.add_column("correction", no_wrap=True)
    for name in ("version", "kind", "fitted on", "judged on", "log loss", "excess", "verdict"):
        shown.add_column(name)
    for each in history:
        fitted, judged = each.fitted, each.fitted.judged
        days = (to_day(at) for at in (fitted.since, fitted.until))
        shown.add_row(
            each.digest,
            fitted.version,
            _kind(each),
            f"{' to '.join(days)}, {fitted.rows:,} outcomes",
            f"{judged.rows:,} later ones",
            str(judged.loss),
            f"{judged.excess}, was {judged.excess_now.value:+.4f}",
            escape(_verdict(each, state)),
        )
    return shown


def _kind(each: KeptCorrection) -> str:
    found = each.fitted.correction
    if isinstance(found, Additive):
        return f"additive {found.shift:+.3f}"
    return f"isotonic, {len(found.scores)} points"


def _verdict(each: KeptCorrection, state: State | None) -> str:
    if each.dropped is not None:
        return f"dropped by {each.dropped.by}: {each.dropped.reason}"
    if not each.fitted.judged.passed:
        return f"refused: {'; '.join(each.fitted.judged.reasons)}"
    return "serving" if _serving(each, state) else "passed"
