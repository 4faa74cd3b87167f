"""`ballast train` and `ballast register`: from a declaration to a registered version."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bentos.commands.console import err, out, print_json, progress
from bentos.home.state import Home, write_atomically
from bentos.settings import Settings, SettingsError, settings

if TYPE_CHECKING:
    from models.declaration.declaration import Declaration
    from models.training.train import TrainResult

Ranker = Annotated[
    Path | None,
    typer.Option("--ranker", help="the declaration (default: the one that is served)", show_default=False),
]
Alias = Annotated[
    str | None, typer.Option(help="point this alias at the new version: champion or challenger")
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
    from models.declaration.declaration import read

    config = settings()
    declaration = _overridden(read(ranker or config.ranker), overrides or [])
    if if_absent and alias and _has(config, declaration.name, alias):
        err.print(f"{declaration.name} has a {alias} already", highlight=False)
        return
    result = _train(declaration, config, model)
    home = Home(config.home / declaration.name)
    if config.redis is not None:  # before it is current: what is served must be there
        _publish(config.redis, home, result.snapshot)
    write_atomically(home.current_catalogue, f"{result.snapshot}\n".encode())
    if not as_json:
        _print(result)
    version = _register(config, result.package, alias)
    if as_json:
        print_json(
            {"ranker": declaration.name, "version": version, "alias": alias, "metrics": result.metrics}
        )
        return
    said = f", {alias}" if alias else f"; serve it with: ballast promote {version}"
    out.print(f"registered [bold]{declaration.name} version {version}[/]{said}", highlight=False)


def register(
    package: Annotated[Path, typer.Argument(help="a folder that `ballast train` wrote")], alias: Alias = None
) -> None:
    """Register a trained package in MLflow, where training could not."""
    version = _register(settings(), package, alias)
    out.print(f"registered version {version}", highlight=False)


def publish() -> None:
    """Publish the current catalogue snapshot to the Redis of BALLAST_REDIS."""
    config = settings()
    home = Home(config.ranker_home)
    if config.redis is None:
        raise typer.BadParameter("BALLAST_REDIS is not set: there is no Redis to publish to")
    if not home.current_catalogue.is_file():
        raise typer.BadParameter(f"{home.current_catalogue} does not exist: train a version first")
    _publish(config.redis, home, home.current_catalogue.read_text().strip())


def _publish(url: str, home: Home, snapshot: str) -> None:
    from redis.exceptions import RedisClusterException, RedisError

    from models.catalogue import redis_catalogue
    from models.catalogue.catalogue import Catalogue

    catalogue = Catalogue.open(home.catalogue / snapshot)
    try:
        with err.status(f"publishing {catalogue.size:,} items to Redis…"):
            redis_catalogue.publish(redis_catalogue.connect(url, wait=10), catalogue)
    except (RedisError, RedisClusterException, OSError, ValueError) as error:
        raise SettingsError(
            f"BALLAST_REDIS: snapshot {snapshot} was not published, so it is not served: {error}"
        ) from error
    err.print(f"published {catalogue.size:,} items of snapshot {snapshot} to Redis", highlight=False)


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
    from models.registry import Registry

    return alias in Registry(config.registry_uri).aliases(name)


def _train(declaration: Declaration, config: Settings, model: Path | None) -> TrainResult:
    from models.training.train import train as run

    with progress(f"training {declaration.name}", total=declaration.ranker.trees) as (bar, task):
        return run(
            declaration,
            config.home,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
            on_step=lambda step: bar.update(task, description=step),
            model=model,
        )


def _register(config: Settings, package: Path, alias: str | None) -> str:
    from models.package import read_manifest
    from models.registry import Registry, RegistryUnavailable

    name = read_manifest(package).ranker
    try:
        registry = Registry(config.registry_uri)
        with err.status("registering…") as status:
            version = registry.log_version(package, lambda step: status.update(f"{step}…"))
        if alias:
            registry.set_alias(name, alias, version)
    except RegistryUnavailable as error:
        raise RegistryUnavailable(
            f"{error}; the trained package is kept: start MLflow (`make up`), then run: "
            f"ballast register {package}" + (f" --alias {alias}" if alias else "")
        ) from error
    return version


def _print(result: TrainResult) -> None:
    found = json.loads((result.package / "evaluation.json").read_text(encoding="utf-8"))
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
