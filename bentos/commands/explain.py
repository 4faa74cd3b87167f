"""`ballast explain`: why one unit got one order."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import msgspec
import typer

from bentos.commands.console import out, print_json
from bentos.commands.printed_explanation import printed
from bentos.console.client import ask_explanation
from bentos.environment import ROOT
from bentos.home.state import Home
from bentos.offline.explanation.parts import Explanation
from bentos.settings import settings
from monitoring.errors import UserError

MODULE = "bentos.offline.explanation.apart"


class CannotExplainError(UserError):
    """There is no such request or item; the sentence says which."""


def explain(
    request_id: Annotated[str, typer.Argument(help="as the answer of /rank has it")],
    item: Annotated[list[str] | None, typer.Option(help="an item besides the first five")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Why one unit got one order: arms, version and its verdict, scores computed again, what features add.

    Of a request that `/rank` has answered, from the log and the files that its record names.
    """
    home, items = Home(settings().ranker_home, settings().ranker), item or []
    found = ask_explanation(home, request_id, items) or _worked_out(home, request_id, items)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for each in printed(found):
        out.print(each, markup=False, highlight=False) if isinstance(each, str) else out.print(each)


def _worked_out(home: Home, request_id: str, items: list[str]) -> Explanation:
    """Where no service runs, in a process of its own."""
    paths = [str(home.folder.absolute()), str(settings().ranker.absolute())]
    command = [sys.executable, "-m", MODULE, *paths, request_id, *items]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise CannotExplainError(done.stderr.decode(errors="replace").strip())
    return msgspec.json.decode(done.stdout, type=Explanation)
