"""`ballast evaluate --off-policy`: what a policy would have earned, from a log that it never made."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.commands.days import Since, Until, seconds
from bentos.commands.lazy_command import load
from experiments.offpolicy.estimators import Evaluation

UNTESTED = (
    "without --action COLUMN nothing shows propensities that were swapped between rows; with it, they are "
    "tested against how often each action was taken"
)


def evaluate(  # noqa: PLR0913, PLR0917 - options of a command
    version: Annotated[
        str | None, typer.Argument(help="models:/NAME/7, models:/NAME@alias, or a number")
    ] = None,
    off_policy: Annotated[bool, typer.Option("--off-policy", help="from logged decisions")] = False,
    table: Annotated[Path | None, typer.Option(help="a .csv or .parquet of logged decisions")] = None,
    reward: Annotated[str, typer.Option(help="with --table: its column of rewards")] = "reward",
    propensity: Annotated[
        str, typer.Option(help="with --table: what the log did with which probability")
    ] = "propensity",
    target: Annotated[
        str | None, typer.Option(help="with --table: the target policy's probability of it")
    ] = None,
    uniform: Annotated[
        int | None, typer.Option(min=1, help="with --table: the target is uniform over so many items")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="with --table: the column that intervals cluster by")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(help="with --table: the column of what was done; its propensities are tested"),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--slice", help="with --table: a column that is known before; weights are tested in it"),
    ] = None,
    start: Since = None,
    end: Until = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Diagnostics first, then IPS, SNIPS and DR with intervals. Exits 1 where it is refused."""
    if not off_policy:
        raise typer.BadParameter("add --off-policy: it is the only evaluation this command makes")
    if table is not None:
        found = load("evaluate_table:evaluate_table")(
            table, reward, propensity, target, uniform, unit, action, tuple(by or ())
        )
        more = {} if action else {"note": UNTESTED}
    else:
        found, more = load("evaluate_version:evaluate_version")(version, seconds(start), seconds(end))
    if as_json:
        print_json({**asdict(found), **more})
    else:
        _show(found, more)
    raise typer.Exit(1 if found.refused else 0)


def _show(found: Evaluation, more: dict[str, Any]) -> None:
    d = found.diagnostics
    out.print(
        f"{d.decisions:,} decisions count as {d.effective:,.0f}; "
        f"mean weight {d.mean_weight:.3f} ± {d.mean_deviation:.3f}; "
        f"largest {d.largest_weight:,.1f}; the heaviest 1% carry {d.top_share:.0%}; "
        f"{d.matched:.1%} have any weight",
        highlight=False,
    )
    if more.get("skipped"):
        out.print(f"left out: {more['skipped']}", highlight=False)
    if more.get("fitted_rows", 0) < more.get("rows", 0):
        fitted, rows = more["fitted_rows"], more["rows"]
        out.print(
            f"the reward model was fitted on {fitted:,} of {rows:,} items at positions", highlight=False
        )
    if more.get("note"):
        err.print(f"! {more['note']}", style="yellow", highlight=False, markup=False)
    for sentence in found.refused:
        err.print(f"no estimate: {sentence}", style="red", highlight=False, markup=False)
    if found.refused:
        return
    shown = Table("estimator", "value", "95%, normal", "95%, bootstrap")
    gain = more.get("gain")
    for each in [*(asdict(estimate) for estimate in found.estimates), *([gain] if gain else [])]:
        normal, drawn = (f"[{low:.4f}, {high:.4f}]" for low, high in (each["normal"], each["bootstrap"]))
        name = "gain over what served" if each is gain else each["method"].upper()
        shown.add_row(name, f"{each['value']:.4f}", normal, drawn)
    out.print(shown)
