"""`ballast promote` and `rollback`: move an alias, and wait until the gate and the workers have followed."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from bentos.commands.console import err, out, print_json
from bentos.commands.printed_verdict import print_verdict
from bentos.control.promotion.foresight import of_promotion, standing
from bentos.control.promotion.moves import AliasMoves
from bentos.home.acknowledgements import read_acks
from bentos.home.rulings import Rulings
from bentos.home.state import Home, read_state
from bentos.home.stops import Stops
from bentos.settings import settings
from models.registry import Registry, RegistryError
from monitoring.credentials import redacted

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
WAIT = 60.0  # seconds for the gate and all workers
UNANSWERED = 3  # the exit code where neither the gate nor the workers have said anything
Answer = TypeVar("Answer")


def promote(
    version: Annotated[str, typer.Argument(help="a version number in the registry")],
    alias: Annotated[str, typer.Option(help="champion or challenger")] = "champion",
    as_json: Json = False,
) -> None:
    """Move an alias to a version, and wait until every worker serves it. Exits 1 for hold, 2 for reject.

    A version that may not serve doesn't keep the alias: it goes back to what serves. Exits 3 where there is
    no such version, or neither the registry nor the workers answer.
    """
    if alias not in {"champion", "challenger"}:
        raise typer.BadParameter(f"--alias {alias!r}: must be champion or challenger")
    moves = _moves()
    before = _asked(lambda: moves.alias(alias))
    foresight = of_promotion(moves.home, version, alias, time.time())
    _say(foresight.sentence)
    if foresight.refused:
        _refused(moves.home, version, as_json, alias)
    _asked(lambda: moves.promote(version, alias))
    try:
        _await(moves.home, alias, version, as_json)
    except typer.Exit as end:
        if end.exit_code != UNANSWERED:
            _say_alias(alias, version, moves.put_back(alias, version, before))
        raise


def rollback(as_json: Json = False) -> None:
    """Go back to the champion that served before, and wait until every worker serves it.

    Where the alias points at a version that does not serve, it goes back to the champion that does.
    """
    moves = _moves()
    version = moves.way_back()
    _say(of_promotion(moves.home, version, "champion", time.time()).sentence)
    _await(moves.home, "champion", moves.rollback(), as_json)


def _asked(call: Callable[[], Answer]) -> Answer:
    """What the registry answers. Exits 3 where it refuses, which is no verdict on the version."""
    try:
        return call()
    except RegistryError as error:
        err.print(redacted(f"error: {error}"), style="red", highlight=False, markup=False)
        raise typer.Exit(UNANSWERED) from error


def _say(sentence: str) -> None:
    err.print(sentence, highlight=False, markup=False)


def _say_alias(alias: str, version: str, now: str | None) -> None:
    """Where the alias of a refused version points now."""
    if now == version:
        _say(
            f"the alias {alias} stays on version {version}, which does not serve: "
            f"`ballast override {version}` would let it serve at once; `ballast promote` moves the alias"
        )
    else:
        _say(
            f"the alias {alias} points at version {now} again" if now else f"the alias {alias} is gone again"
        )


def _refused(home: Home, version: str, as_json: bool, alias: str) -> None:
    """Exit as the ruling has it, 2 for what the guard stopped; nothing was moved."""
    ruling = Rulings.of(home).get(version)
    stopped = version in Stops.of(home).active("version")
    outcome = "stopped" if stopped or ruling is None else ruling.verdict.result.word
    if as_json:
        print_json({"alias": alias, "version": version, "outcome": outcome, "seconds": 0.0})
    elif ruling is not None and not stopped:
        print_verdict(ruling.verdict)
    raise typer.Exit(2 if stopped or ruling is None else int(ruling.verdict.result))


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
        raise typer.Exit(UNANSWERED)
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
    ruling = standing(home, state, version)
    if ruling is None or ruling.serves(time.time()):
        return None
    return ruling.verdict.result.word
