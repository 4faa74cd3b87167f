"""Files and homes that the tests of several commands work on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bentos.home.state import Home
from bentos.local.processes import free_port
from bentos.settings import settings
from tests.bentos.files import LIVE
from tests.bentos.worker.following import deployment, serve
from tests.experiments.analysis.frames import frame


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table with an effect of 3%."""
    path = tmp_path / "sessions.csv"
    frame(effect=0.3, rows=2).to_csv(path, index=False)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home that serves one experiment, with fifty units in the log."""
    with deployment(tmp_path, LIVE % "@challenger") as home:
        serve(home, 50)
        yield home


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The home of a ranker that nothing was ever done with; no MLflow and no service answer."""
    (tmp_path / "ranker.toml").write_text('[ranker]\nname = "small"\n')
    monkeypatch.setenv("BALLAST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BALLAST_RANKER", str(tmp_path / "ranker.toml"))
    monkeypatch.setenv("BALLAST_EXPERIMENTS", str(tmp_path / "live.yaml"))
    monkeypatch.setenv("BALLAST_MLFLOW_PORT", str(free_port()))
    monkeypatch.setenv("BALLAST_PORT", str(free_port()))
    settings.cache_clear()
    yield Home(tmp_path / "home" / "small")
    settings.cache_clear()
