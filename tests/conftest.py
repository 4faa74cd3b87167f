"""What several folders of tests share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.mlflow_server import MlflowServer

ROOT = Path(__file__).resolve().parents[1]
SHARED = re.compile(r"\bpytest\.mark\.shares\(\"(\w+)\"\)")

settings.register_profile("ballast", deadline=None)  # what an example takes says how busy the machine is
settings.load_profile("ballast")


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """One MLflow for the whole run; tests keep out of each other's way by the ranker's name."""
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server
    server.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """How tests are dealt out to several processes (`-n 2`)."""
    return _Whole(config, log)


class _Whole(LoadScopeScheduling):
    """To one process as a whole: a file, and files whose mark `shares` names the same server. (pytest-xdist's
    own groups do nothing under pytest 9.2, which keeps a test's id where they don't look for it.)"""

    def _split_scope(self, nodeid: str) -> str:
        return _shared(nodeid.partition("::")[0])


@cache
def _shared(file: str) -> str:
    """What a file's mark says that it shares: `pytestmark = pytest.mark.shares("mlflow")`; else itself."""
    found = SHARED.search((ROOT / file).read_text(encoding="utf-8"))
    return file if found is None else found[1]
