"""`ballast train`: from a declaration to a registered version."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json
from bentos.commands.progress import progress
from bentos.commands.publish import publish_snapshot
from bentos.commands.register import Alias, registered
from bentos.home.state import Home, write_atomically
from bentos.settings import Settings, settings
from models.declaration.declaration import Declaration, read
from models.registry import Registry
from models.training.train import TrainResult
from models.training.train import train as train_ranker

Ranker = Annotated[
    Path | None,
    typer.Option("--ranker", help="the declaration (default: the one that is served)", show_default=False),
]


def train(  # noqa: PLR0913, PLR0917 - options of a command
    ranker: Ranker = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="override a key, such as ranker.depth=8; may be repeated"),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="a CatBoost model trained elsewhere: judge and register it instead of training one"
        ),
    ] = None,
    alias: Alias = None,
    if_absent: Annotated[
        bool, typer.Option("--if-absent", help="only where the alias does not exist")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Train a ranker, evaluate it on the time after its training, and register it in MLflow."""
    config = settings()
    declaration = _overridden(read(ranker or config.ranker), overrides or [])
    if if_absent and alias and _has(config, declaration.name, alias):
        err.print(f"{declaration.name} has a {alias} already", highlight=False)
        return
    result = _train(declaration, config, model)
    home = Home(config.home / declaration.name)
    if config.redis is not None:  # before it is current: what is served must be there
        publish_snapshot(config.redis, home, result.snapshot)
    write_atomically(home.current_catalogue, f"{result.snapshot}\n".encode())
    if not as_json:
        _print(result.package)
        out.print(result.ids, highlight=False, markup=False)
    version = registered(config, result.package, alias)
    if as_json:
        print_json(
            {"ranker": declaration.name, "version": version, "alias": alias, "metrics": result.metrics}
        )
        return
    worse = no_better_than_chance(_evaluation(result.package))
    offered = "" if worse else f"; serve it with: ballast promote {version}"
    said = f", {alias}" if alias else offered
    out.print(f"registered [bold]{declaration.name} version {version}[/]{said}", highlight=False)
    if worse:
        err.print(f"! {worse}", style="yellow", highlight=False, markup=False)


def _overridden(declaration: Declaration, overrides: list[str]) -> Declaration:
    for text in overrides:
        key, equals, value = text.partition("=")
        section, _, name = key.partition(".")
        if not equals or section not in {"ranker", "data"} or not name:
            raise typer.BadParameter(f"--set {text!r}: must be ranker.KEY=VALUE or data.KEY=VALUE")
        change = {name: _value(value)}
        declaration = (
            declaration.with_ranker(**change) if section == "ranker" else declaration.with_data(**change)
        )
    return declaration


def _value(text: str) -> Any:
    """A TOML value, or the text itself where it is none: depth=8, objective=YetiRank."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _has(config: Settings, name: str, alias: str) -> bool:
    return alias in Registry(config.registry_uri).aliases(name)


def _train(declaration: Declaration, config: Settings, model: Path | None) -> TrainResult:
    with progress(f"training {declaration.name}", total=declaration.ranker.trees) as (bar, task):
        return train_ranker(
            declaration,
            config.home,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
            on_step=lambda step: bar.update(task, description=step),
            model=model,
        )


def _evaluation(package: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((package / "evaluation.json").read_text(encoding="utf-8"))
    return found


def no_better_than_chance(found: dict[str, Any]) -> str | None:
    """The sentence about a ranker whose evaluation is no better than random order; None about another.

    >>> no_better_than_chance({"auc": {"value": 0.31}})
    'its AUC is 0.310, random order has 0.500: it is no better, so look at labels and signs before it serves'
    """
    chance = found.get("random_ndcg_10", {}).get("value", 0.0)
    for key, name, least in (("ndcg_10", "NDCG@10", chance), ("auc", "AUC", 0.5)):
        value = found.get(key, {}).get("value")
        if value is not None and math.isnan(value):
            return f"its {name} is not known: the test part has no request with a label above 0, or one class"
        if value is not None and value <= least:
            return (
                f"its {name} is {value:.3f}, random order has {least:.3f}: it is no better, "
                "so look at labels and signs before it serves"
            )
    return None


def _print(package: Path) -> None:
    """The evaluation that training left in its package."""
    found = _evaluation(package)
    window = found["window"]
    span = f", {window['from'][:10]} to {window['to'][:10]}" if "from" in window else ""
    table = Table(
        title=f"on {window['requests']:,} requests after the training's{span}", title_justify="left"
    )
    for name in ("", "the ranker", "random order"):
        table.add_column(name)
    for k in (1, 3, 10):
        if f"ndcg_{k}" in found:
            table.add_row(f"NDCG@{k}", _interval(found[f"ndcg_{k}"]), _interval(found[f"random_ndcg_{k}"]))
    if "best_feature" in found:
        best = found["best_feature"]
        table.add_row(f"NDCG@10 of {best['name']} alone", _interval(best["ndcg_10"]), "")
    if "auc" in found:
        table.add_row("AUC", _interval(found["auc"]), "0.5")
        table.add_row("expected calibration error", f"{found['ece']:.3f}", "")
    for part, values in found["by"].items():
        for value, figures in values.items():
            name = "ndcg_10" if "ndcg_10" in figures else "auc"
            chance = _interval(figures["random_ndcg_10"]) if name == "ndcg_10" else "0.5"
            if name in figures:
                table.add_row(
                    f"{name.replace('_', '@').upper()}, {part} {value}", _interval(figures[name]), chance
                )
    out.print(table)


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
