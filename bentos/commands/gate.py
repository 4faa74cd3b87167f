"""`ballast gate`: judge a version now."""

from __future__ import annotations

from typing import Annotated

import typer

from bentos.commands.console import err, print_json
from bentos.commands.printed_verdict import print_verdict
from bentos.control.promotion.examiner import Examiner
from bentos.home.journal import Journal
from bentos.home.state import Home
from bentos.settings import settings
from models.registry import Registry


def gate(
    version: Annotated[str, typer.Argument(help="a version number in the registry")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Judge a version now and tell MLflow. Exits 0 for pass, 1 for hold, 2 for reject."""
    config = settings()
    home, registry = Home(config.ranker_home), Registry(config.registry_uri)
    examiner = Examiner(home, config.ranker_name, config.ranker, registry, Journal(home))
    with err.status(f"judging version {version}…"):
        verdict = examiner.examine(version).verdict
    if as_json:
        print_json(verdict.to_builtins())
    else:
        print_verdict(verdict)
    raise typer.Exit(int(verdict.result))
