"""`ballast gate`, `promote`, `rollback`, `status`: versions, from the registry to the workers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from bentos import status as status_of
from bentos.commands.console import err, out, print_json
from bentos.settings import settings
from bentos.state import Home

Json = Annotated[bool, typer.Option("--json", help="print JSON")]
WAIT = 60.0  # seconds for the gate and all workers

app = typer.Typer()


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


