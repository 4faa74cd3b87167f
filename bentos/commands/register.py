"""`ballast register`: a trained package becomes a version in MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bentos.commands.console import err, out
from bentos.settings import Settings, settings
from models.package import read_manifest
from models.registry import Registry, RegistryUnavailable

Alias = Annotated[
    str | None, typer.Option(help="point this alias at the new version: champion or challenger")
]


def register(
    package: Annotated[Path, typer.Argument(help="a folder that `ballast train` wrote")], alias: Alias = None
) -> None:
    """Register a trained package in MLflow, where training could not."""
    version = registered(settings(), package, alias)
    out.print(f"registered version {version}", highlight=False)


def registered(config: Settings, package: Path, alias: str | None) -> str:
    """The number that a package has in the registry now. Raises RegistryUnavailable, with what to do then."""
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
