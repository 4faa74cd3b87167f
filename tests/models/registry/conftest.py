"""One registry, one package and one version for all tests of the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.registry import Registry
from tests.mlflow_server import MlflowServer
from tests.models.registry.packages import write_package


@pytest.fixture(scope="session")
def registry(mlflow_server: MlflowServer) -> Registry:
    return Registry(mlflow_server.uri)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_package(tmp_path_factory.mktemp("packages") / "one", "registered")
    (made / "engine").mkdir()  # what an engine keeps beside a package it has loaded is no part of it
    (made / "engine" / "table.npy").touch()
    return made


@pytest.fixture(scope="session")
def number(registry: Registry, package: Path) -> str:
    return registry.log_version(package)
