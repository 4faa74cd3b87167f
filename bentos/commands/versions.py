"""`ballast gate`, `promote`, `rollback`, `status`: versions, from the registry to the workers."""

from __future__ import annotations

import getpass
import time
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.control.promotion.moves import AliasMoves
from bentos.home.rulings import Rulings
from bentos.home.state import Home, read_acks, read_state
from bentos.http import status as status_of
from bentos.settings import settings
from models.gate.verdict import Result, Verdict

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
WAIT = 60.0  # seconds for the gate and all workers


def status(as_json: Json = False) -> None:
    """What is promoted, what is serving, and what is wrong."""
    report = status_of.status(settings(), None)
    if as_json:
        print_json(report)
        return
    state = report["state"]
    table = Table(title=f"{report['ranker']}: epoch {state['epoch'] if state else '–'}", title_justify="left")
    for name in ("worker", "kind", "epoch", "serves", "problem"):
        table.add_column(name)
    for worker in report["workers"]:
        serves = ", ".join(f"{reference} = {version}" for reference, version in worker["versions"].items())
        table.add_row(
            str(worker["pid"]), worker["kind"], str(worker["epoch"]), serves, worker.get("problem") or ""
        )
    out.print(table)
    for problem in report["problems"]:
        err.print(f"! {problem}", style="yellow", highlight=False, markup=False)


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


def gate(
    version: Annotated[str, typer.Argument(help="a version number in the registry")], as_json: Json = False
) -> None:
    """Judge a version now and tell MLflow. Exits 0 for pass, 1 for hold, 2 for reject."""
    from bentos.control.promotion.examiner import Examiner
    from bentos.home.journal import Journal

    moves, config = _moves(), settings()
    examiner = Examiner(moves.home, config.ranker_name, config.ranker, moves.registry, Journal(moves.home))
    with err.status(f"judging version {version}…"):
        verdict = examiner.examine(version).verdict
    if as_json:
        print_json(verdict.to_builtins())
    else:
        _print_verdict(verdict)
    raise typer.Exit(int(verdict.result))


def _moves() -> AliasMoves:
    from models.registry import Registry

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
        _print_verdict(ruling.verdict)
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


def _print_verdict(verdict: Verdict) -> None:
    style = {Result.PASS: "green", Result.HOLD: "yellow", Result.REJECT: "red"}
    table = Table(
        title=f"{verdict.ranker} version {verdict.version}: {verdict.result.word}", title_justify="left"
    )
    for name in ("check", "outcome", "figure", "limit", "what was found"):
        table.add_column(name, overflow="fold")
    for check in verdict.checks:
        figures = ("" if figure is None else f"{figure:.4g}" for figure in (check.figure, check.limit))
        word = f"[{style[check.result]}]{check.result.word}[/]"
        table.add_row(check.name, word, *figures, escape(check.sentence))
    out.print(table)
