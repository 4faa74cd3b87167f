"""`ballast promote` and `rollback`: move an alias, and wait until the gate and the workers have followed."""

from __future__ import annotations

import getpass
import time
from typing import Annotated

import typer

from bentos.commands.console import err, out, print_json
from bentos.commands.printed_verdict import print_verdict
from bentos.control.promotion.moves import AliasMoves
from bentos.home.rulings import Rulings
from bentos.home.state import Home, read_acks, read_state
from bentos.settings import settings
from models.registry import Registry

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
WAIT = 60.0  # seconds for the gate and all workers


def promote(
    version: Annotated[str, typer.Argument(help="a version number in the registry")],
    alias: Annotated[str, typer.Option(help="champion or challenger")] = "champion",
    as_json: Json = False,
) -> None:
    """Move an alias to a version, and wait until every worker serves it. Exits 1 for hold, 2 for reject."""
    if alias not in {"champion", "challenger"}:
        raise typer.BadParameter(f"--alias {alias!r}: must be champion or challenger")
    moves = _moves()
    moves.promote(version, alias)
    _await(moves.home, alias, version, as_json)


def rollback(as_json: Json = False) -> None:
    """Go back to the champion that served before, and wait until every worker serves it."""
    moves = _moves()
    _await(moves.home, "champion", moves.rollback(), as_json)


def _moves() -> AliasMoves:
    config = settings()
    return AliasMoves(
        Registry(config.registry_uri), Home(config.ranker_home), config.ranker_name, getpass.getuser()
    )


def _await(home: Home, alias: str, version: str, as_json: bool) -> None:
    """Until all workers serve it, or the gate has refused it. Exits 3 when neither happens in time."""
    started = time.monotonic()
    with err.status(f"waiting for the gate and the workers to take version {version} as {alias}…"):
        while (outcome := _outcome(home, alias, version)) is None and time.monotonic() - started < WAIT:
            time.sleep(0.1)
    seconds = round(time.monotonic() - started, 1)
    if as_json:
        print_json({"alias": alias, "version": version, "outcome": outcome, "seconds": seconds})
    if outcome == "serving":
        if not as_json:
            out.print(
                f"version {version} is {alias}, and serves on every worker after {seconds} s", highlight=False
            )
        return
    ruling = Rulings.of(home).get(version)
    if outcome is None or ruling is None:
        err.print(
            f"the alias {alias} points at version {version}, but no worker serves it after {WAIT:.0f} s; "
            f"`ballast status` says what is wrong. Is the service running?",
            style="yellow",
            highlight=False,
        )
        raise typer.Exit(3)
    if not as_json:
        print_verdict(ruling.verdict)
        err.print("what served before keeps serving", highlight=False)
    raise typer.Exit(int(ruling.verdict.result))


def _outcome(home: Home, alias: str, version: str) -> str | None:
    """serving, hold or reject; None while it is open."""
    state = read_state(home.state)
    if state is not None and state.versions.get(f"@{alias}") == version:
        rankers = [ack for ack in read_acks(home.acks) if ack.kind == "ranker"]
        if rankers and all(ack.epoch == state.epoch and not ack.problem for ack in rankers):
            return "serving"
        return None
    ruling = Rulings.of(home).get(version)
    if ruling is None or ruling.serves(time.time()):
        return None
    return ruling.verdict.result.word
