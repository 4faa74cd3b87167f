"""`ballast experiment stop|start|resume`: the kill switch, and letting a stopped rollout go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.change import By, Json, Why, person_and_reason, refusals, tell
from bentos.control.experiments import changes
from bentos.control.experiments.changes import Applied
from bentos.home.state import Home
from bentos.settings import settings


def stop(
    name: Annotated[str, typer.Argument(help="the experiment to stop")],
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Throw an experiment's kill switch, in the live file itself: everybody gets the default model again."""
    said = person_and_reason(by, why)
    _act(lambda home, file: changes.stop(home, file, name, *said), {"stopped": name}, as_json)


def start(
    name: Annotated[str, typer.Argument(help="the experiment to start")],
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Take an experiment's kill switch back, in the live file itself: its arms are served again."""
    said = person_and_reason(by, why)
    _act(lambda home, file: changes.start(home, file, name, *said), {"started": name}, as_json)


def resume(
    name: Annotated[str, typer.Argument(help="a rollout that was stopped by itself")],
    why: Why = "",
    by: By = "",
    as_json: Json = False,
) -> None:
    """Let a rollout that stopped itself go on from where it was, judged by what happens from now on."""
    said = person_and_reason(by, why)
    _act(lambda home, file: changes.resume(home, file, name, *said), {"resumed": name}, as_json)


def _act(act: Callable[[Home, Path], Applied], done: dict[str, object], as_json: bool) -> None:
    with refusals(as_json):
        tell(act(Home(settings().ranker_home), settings().experiments), done, as_json)
