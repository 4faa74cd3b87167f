"""`ballast evaluate --off-policy`: what a policy would have earned, from a log that it never made."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bentos.commands.console import err, mistakes, out, print_json
from bentos.commands.days import Since, Until, seconds
from bentos.home.state import Home
from bentos.settings import settings
from experiments.config.problems import AnalysisError
from experiments.offpolicy.estimators import Evaluation, LogError, log_of
from experiments.offpolicy.estimators import evaluate as valued


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
        int | None, typer.Option(help="with --table: the target is uniform over so many items")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="with --table: the column that intervals cluster by")
    ] = None,
    start: Since = None,
    end: Until = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Diagnostics first, then IPS, SNIPS and DR with intervals. Exits 1 where it is refused."""
    if not off_policy:
        raise typer.BadParameter("add --off-policy: it is the only evaluation this command makes")
    with mistakes(LogError, AnalysisError):
        found, more = (
            _of_table(table, reward, propensity, target, uniform, unit)
            if table
            else _of_version(version, start, end)
        )
    if as_json:
        print_json({**asdict(found), **more})
    else:
        _show(found, more)
    raise typer.Exit(1 if found.refused else 0)


def _of_table(  # noqa: PLR0913, PLR0917 - the options
    table: Path, reward: str, propensity: str, target: str | None, uniform: int | None, unit: str | None
) -> tuple[Evaluation, dict[str, Any]]:
    from experiments.analysis.tables import connect, read

    if (target is None) == (uniform is None):
        raise AnalysisError("give either --target COLUMN or --uniform ITEMS: the policy to be valued")
    names = [name for name in (reward, propensity, target, unit) if name is not None]
    source = read(table, connect())
    if absent := [name for name in names if name not in source.columns]:
        raise AnalysisError(
            f"table: {table.name} has no column {absent[0]!r}; it has {', '.join(source.columns[:12])}"
        )
    frame = source.select(*names).to_pandas()
    wanted = frame[target] if target is not None else [1 / (uniform or 1)] * len(frame)
    log = log_of(
        frame[reward], frame[propensity], wanted, unit=frame[unit].to_numpy(object) if unit else None
    )
    return valued(log), {}


def _of_version(
    version: str | None, start: datetime | None, end: datetime | None
) -> tuple[Evaluation, dict[str, Any]]:
    from bentos.offline.version_value import value

    if version is None:
        raise AnalysisError("name a version (models:/NAME/7) or give --table FILE")
    home = Home(settings().ranker_home)
    found = value(home, _package(home, version), seconds(start), seconds(end))
    gain = None if found.gain is None else asdict(found.gain)
    return found.evaluation, {"gain": gain, "used": found.decisions, "skipped": dict(found.skipped)}


def _package(home: Home, version: str) -> Path:
    """The version's package, downloaded where it isn't here yet."""
    from models.registry import Registry

    asked = re.fullmatch(r"(?:models:/)?(?:[\w.-]*[/@])?@?([\w-]+)", version)
    if asked is None:
        raise AnalysisError(
            f"version: {version!r} is neither models:/NAME/7, models:/NAME@alias nor a number"
        )
    number = asked[1]
    registry, ranker = Registry(settings().registry_uri), home.folder.name
    if not number.isdigit():
        aliases = registry.aliases(ranker)
        if number not in aliases:
            raise AnalysisError(
                f"version: {ranker} has no alias {number!r}; it has {', '.join(aliases) or 'none'}"
            )
        number = aliases[number]
    folder = home.version(number)
    if not folder.is_dir():
        registry.download(ranker, number, folder)
    return folder


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
