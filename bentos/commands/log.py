"""`ballast log`: whether the log's files hold what was written into them."""

from __future__ import annotations

import getpass
import time
from typing import Annotated

import typer

from bentos.commands.console import err, out, print_json
from bentos.home.journal import Event, append
from bentos.home.state import Home
from bentos.settings import settings
from monitoring.errors import UserError
from monitoring.log.sums import KINDS, accept, read_sums, trouble

MEND = "put the files back from a backup, or say that they stay lost: `ballast log check --accept --why …`"

app = typer.Typer(
    add_completion=False, help="The log's files: whether they hold what was written.", no_args_is_help=True
)


class LogCheckError(UserError):
    """A loss that can't be accepted so."""


@app.callback()
def log() -> None:
    """The log's files."""


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
    accept_loss: Annotated[bool, typer.Option("--accept", help="what is damaged stays lost")] = False,
    why: Annotated[str, typer.Option("--why", "--reason", help="with --accept: why; is recorded")] = "",
    by: Annotated[str, typer.Option(help="with --accept: who answers for it; you, if not given")] = "",
) -> None:
    """Read every file of the log against its sums. Exits 1 where one is cut, changed or gone."""
    home = Home(settings().ranker_home, settings().ranker)
    found = [str(each) for each in trouble(home.log, thorough=True)]
    if accept_loss:
        _accept(home, found, why, by)
        return
    sums = {kind: read_sums(home.log / kind).files for kind in KINDS}
    files = sum(map(len, sums.values()))
    if as_json:
        size = sum(each.size for kind in sums.values() for each in kind.values())
        print_json({"files": files, "bytes": size, "damaged": found})
    else:
        for sentence in found:
            err.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
        out.print(f"{files - len(found):,} of {files:,} files hold what was written", highlight=False)
        if found:
            out.print(MEND, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if found else 0)


def _accept(home: Home, found: list[str], why: str, by: str) -> None:
    """From now on what is there is what is to be there."""
    if not why.strip():
        raise LogCheckError("--accept: it needs a reason (--why)")
    if not accept(home.log):
        raise LogCheckError(f"{home.log}: is being compacted: try again in a moment")
    facts = {"by": by or getpass.getuser(), "files": found}
    append(home, Event.LOSS_ACCEPTED, why, time.time(), facts)
    out.print(f"{len(found):,} damaged files are accepted as they are", highlight=False)
