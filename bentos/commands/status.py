"""`ballast status`: what is promoted, what is serving, and what is wrong."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.home.saved_status import saved_status
from bentos.settings import settings


def status(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """What is promoted, what is serving, and what is wrong."""
    report = saved_status(settings())
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
