"""`ballast register`: a trained package becomes a version in MLflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import err, out
from bentos.home.state import Home
from bentos.settings import Settings, settings
from models.package import read_manifest
from models.registry import Registry, RegistryError, RegistryUnavailable

Alias = Annotated[
    str | None, typer.Option(help="point this alias at the new version: champion or challenger")
]


def register(
    package: Annotated[Path, typer.Argument(help="a folder that `ballast train` wrote")], alias: Alias = None
) -> None:
    """Register a trained package in MLflow, where training could not."""
    version = registered(settings(), package, alias)
    out.print(f"registered version {version}", highlight=False)


def _send_snapshot(
    registry: Registry, config: Settings, package: Path, on_step: Callable[[str], object]
) -> None:
    """The snapshot that a package was trained on, for other hosts; one that can't be sent is said."""
    manifest = read_manifest(package)
    folder = Home(config.home / manifest.ranker).catalogue / manifest.snapshot
    if not config.snapshots or not folder.is_dir():
        return
    on_step("sending the catalogue")
    try:
        registry.log_snapshot(manifest.ranker, folder, config.snapshot_bytes, config.snapshots)
    except RegistryUnavailable:
        raise
    except RegistryError as error:
        err.print(f"! {error}: other hosts need it from elsewhere", style="yellow", markup=False)


def registered(config: Settings, package: Path, alias: str | None) -> str:
    """The number that a package has in the registry now. Raises RegistryUnavailable, with what to do then."""
    name = read_manifest(package).ranker
    try:
        registry = Registry(config.registry_uri)
        with err.status("registering…") as status:
            _send_snapshot(registry, config, package, lambda step: status.update(f"{step}…"))
            version = registry.log_version(package, lambda step: status.update(f"{step}…"))
        if alias:
            registry.set_alias(name, alias, version)
    except RegistryUnavailable as error:
        raise RegistryUnavailable(
            f"{error}; the trained package is kept: start MLflow (`make up`), then run: "
            f"ballast register {package}" + (f" --alias {alias}" if alias else "")
        ) from error
    return version
