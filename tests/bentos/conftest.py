"""Homes with trained versions, made once for a process of tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bentos.home.state import Home
from bentos.settings import settings
from tests.bentos.corrected import Place, declare_corrected
from tests.bentos.decisions.deciding import make_home


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Versions 1 and 2 of the ranker `small`, the second one worse. To be read only."""
    return make_home(tmp_path_factory.mktemp("two"))


@pytest.fixture
def own_home(two_versions: Home, tmp_path: Path) -> Home:
    """A copy of it that a test may change."""
    shutil.copytree(two_versions.folder, tmp_path / "small")
    shutil.copy(two_versions.folder.parent / "snapshot", tmp_path / "snapshot")
    return Home(tmp_path / "small")


@pytest.fixture(scope="session")
def corrected_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that is declared to be corrected. To be read only."""
    return declare_corrected(tmp_path_factory.mktemp("corrected"))


@pytest.fixture
def place(corrected_version: Path, tmp_path: Path) -> Iterator[Place]:
    """A home of its own that serves it."""
    with ThreadPoolExecutor(1) as pool:
        yield Place(tmp_path, corrected_version, pool)


@pytest.fixture
def deployed(own_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The settings of a deployment over such a home; who changes them calls `settings.cache_clear`."""
    (tmp_path / "ranker.toml").write_text('[ranker]\nname = "small"\n')
    monkeypatch.setenv("BALLAST_HOME", str(tmp_path))
    monkeypatch.setenv("BALLAST_RANKER", str(tmp_path / "ranker.toml"))
    monkeypatch.setenv("BALLAST_EXPERIMENTS", str(tmp_path / "live.yaml"))
    settings.cache_clear()
    yield own_home
    settings.cache_clear()


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for another worker; killed at the end."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()
