"""`ballast gate`: judge a version now."""

from __future__ import annotations

from typing import Annotated

import typer

from bentos.commands.console import err, print_json
from bentos.commands.printed_verdict import print_verdict
from bentos.control.promotion.examiner import CannotJudge, Examiner
from bentos.home.journal import Journal
from bentos.home.state import Home
from bentos.settings import settings
from models.gate.verdict import Verdict
from models.registry import Registry, RegistryError

NO_VERDICT = 3  # the exit code where nothing was judged; 0 to 2 are the verdict's


def gate(
    version: Annotated[str, typer.Argument(help="a version number in the registry")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Judge a version now and tell MLflow. Exits 0 for pass, 1 for hold, 2 for reject, 3 for no verdict.

    There is none where this host lacks what a judgement needs, or the registry does not answer or has no such
    version.
    """
    config = settings()
    home, registry = Home(config.ranker_home, config.ranker), Registry(config.registry_uri)
    examiner = Examiner(
        home, config.ranker_name, config.ranker, registry, Journal(home), most=config.snapshot_bytes
    )
    with err.status(f"judging version {version}…"):
        verdict = _verdict(examiner, version)
    if as_json:
        print_json(verdict.to_builtins())
    else:
        print_verdict(verdict)
    raise typer.Exit(int(verdict.result))


def _verdict(examiner: Examiner, version: str) -> Verdict:
    """The verdict; exits where there can't be one now, which says nothing of the version."""
    try:
        return examiner.examine(version).verdict
    except (CannotJudge, RegistryError) as error:
        err.print(f"no verdict: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(NO_VERDICT) from error
