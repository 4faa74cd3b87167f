"""`ballast status`: does anybody answer, what is wrong, what is promoted and what is serving."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer

from bentos.commands.console import out, print_json
from bentos.commands.printed_status import print_status
from bentos.home.saved_status import saved_status
from bentos.home.state import Home
from bentos.local.answering import Answering, Counts, ask, counted, running_for
from bentos.settings import Settings, settings

WELL, PROBLEMS, NOBODY = 0, 1, 2  # exit codes
PAUSE = 2.0  # seconds between two looks of --watch


def status(
    watch: Annotated[
        bool, typer.Option("--watch", help="look again every two seconds, until Ctrl-C")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Does anybody answer, what is wrong, what serves. Exits 0: all is well; 1: problems; 2: no answer."""
    config = settings()
    if watch:
        raise typer.Exit(_watched(lambda before: _look(config, as_json, before)))
    code, _ = _look(config, as_json)
    if code:
        raise typer.Exit(code)


class _Sample(NamedTuple):
    """When (monotonic seconds) something was counted, and what."""

    moment: float
    counts: Counts | None


def _watched(look: Callable[[_Sample | None], tuple[int, _Sample]], pause: float = PAUSE) -> int:
    """Look until Ctrl-C; the exit code of the last look."""
    code, sample = NOBODY, None
    try:
        while True:
            if out.is_terminal:
                out.clear()
            code, sample = look(sample)
            time.sleep(pause)
    except KeyboardInterrupt:
        return code


def _look(config: Settings, as_json: bool, before: _Sample | None = None) -> tuple[int, _Sample]:
    report = saved_status(config)
    asked = ask(config.port, config.ranker_name)
    now = _Sample(time.monotonic(), None if asked.status is None else counted(config.port))
    report["answering"] = _answering(asked)
    report["problems"] = _problems(report, asked)
    report["rates"] = _rates(report, before, now)
    if as_json:
        print_json(report)
    else:
        print_status(report, Home(config.ranker_home))
    return _code(report), now


def _answering(asked: Answering) -> dict[str, Any]:
    ready = asked.status is not None and asked.status.get("serving") is not None
    problem = asked.problem if asked.status is None else asked.status.get("not_ready")
    return {"answers": asked.status is not None, "ready": ready, "address": asked.address, "problem": problem}


def _problems(report: dict[str, Any], asked: Answering) -> list[str]:
    """Those of the files; that workers live though nobody answers, and that the service serves nothing."""
    pids = [str(worker["pid"]) for worker in report["workers"] if worker["kind"] == "ranker"]
    said = []
    if asked.status is None and pids:
        said.append(
            f"nobody answers at {asked.address}, although a worker runs (pid {', '.join(pids)}): it hangs, "
            "or listens at another port, which BALLAST_PORT would say"
        )
    return [*said, *report["problems"]]


def _rates(report: dict[str, Any], before: _Sample | None, now: _Sample) -> dict[str, Any] | None:
    """Since the last look, or since the service started; None where nobody answers."""
    moment, counts = now
    pids = [worker["pid"] for worker in report["workers"] if worker["kind"] == "ranker"]
    if counts is None or not pids:
        return None
    then, earlier = before or _Sample(0.0, None)
    if earlier is None or earlier.answers > counts.answers:
        seconds, found = running_for(pids[0]), counts
    else:
        seconds = moment - then
        found = Counts(*(new - old for new, old in zip(counts, earlier, strict=True)))
    if not seconds:
        return None
    return {
        "seconds": round(seconds, 1),
        "answers": found.answers,
        "per_second": found.answers / seconds,
        "fallback": found.fallback / max(found.answers, 1),
        "explored": found.explored / max(found.answers, 1),
        "refused": found.refused,
    }


def _code(report: dict[str, Any]) -> int:
    if not report["answering"]["answers"]:
        return NOBODY
    stopped = any(not stop.get("cleared") for stop in report["steward"].get("guard", {}).values())
    return PROBLEMS if report["problems"] or stopped or not report["answering"]["ready"] else WELL
