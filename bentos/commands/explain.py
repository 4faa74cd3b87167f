"""`ballast explain`: why one unit got one order."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from bentos.commands.console import out, print_json
from bentos.commands.printed_explanation import printed
from bentos.console.client import ask_explanation
from bentos.home.state import Home
from bentos.offline.explanation import explain as explained
from bentos.settings import settings


def explain(
    request_id: Annotated[str, typer.Argument(help="as the answer of /rank has it")],
    item: Annotated[list[str] | None, typer.Option(help="an item besides the first five")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Why one unit got one order: arms, version and its verdict, scores computed again, what features add.

    Of a request that `/rank` has answered, from the log and the files that its record names.
    """
    home, items = Home(settings().ranker_home, settings().ranker), item or []
    found = ask_explanation(home, request_id, items) or explained(home, request_id, items)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for each in printed(found):
        out.print(each, markup=False, highlight=False) if isinstance(each, str) else out.print(each)
