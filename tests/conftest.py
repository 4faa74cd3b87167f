"""What several folders of tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.mlflow_server import MlflowServer

settings.register_profile("ballast", deadline=None)  # what an example takes says how busy the machine is
settings.load_profile("ballast")


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """One MLflow for the whole run; tests keep out of each other's way by the ranker's name."""
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server
    server.stop()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one process of several (`-n 2 --dist loadgroup`) runs whole: a file, and what shares a server."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_whole(item)))


def _whole(item: pytest.Item) -> str:
    folder = item.path.parent.name
    if folder == "serve":  # one running system, left by each file as the next one expects it
        return folder
    return "mlflow" if "mlflow_server" in getattr(item, "fixturenames", ()) else f"{folder}/{item.path.stem}"
