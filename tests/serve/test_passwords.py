"""A password in an address is nowhere in what is said: state, journal, status, errors, logs, traces."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bentos.control.loop import Control
from bentos.control.loop_parts import Charge
from bentos.environment import ROOT
from bentos.home.saved_status import saved_status
from bentos.home.state import Home
from bentos.settings import Settings
from tests.bentos.files import LIVE

SECRET = "s3cretw0rd"
ADDRESS = f"http://ana:{SECRET}@127.0.0.1:1"
RANKER = '[ranker]\nname = "shop"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a ranker whose MLflow is gone."""
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    (tmp_path / "ranker.toml").write_text(RANKER)
    (tmp_path / "live.yaml").write_text(LIVE % "@champion")
    return tmp_path / "home"


def files_with(word: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_the_steward_s_files_and_words_have_none(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While MLflow is unreachable, which is when its address is said."""
    own = Settings(
        home=home, ranker=tmp_path / "ranker.toml", experiments=tmp_path / "live.yaml", mlflow_uri=ADDRESS
    )
    charge = Charge("shop", Home(own.ranker_home), own.ranker, own.experiments, own.registry_uri)
    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.DEBUG):
        control = Control(charge, pool)
        for _ in range(3):
            control.tick()
        said = repr(saved_status(own))
    assert "does not answer" in said
    assert files_with("does not answer", home)
    assert files_with(SECRET, home) == []
    assert SECRET not in said + caplog.text
    assert os.environ["MLFLOW_TRACKING_PASSWORD"] == SECRET


@pytest.mark.parametrize("command", [("gate", "1"), ("rollback",), ("promote", "1"), ("status", "--json")])
def test_commands_say_none(home: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Nor do settings that are refused."""
    own = {"BALLAST_HOME": str(home), "BALLAST_RANKER": str(tmp_path / "ranker.toml")}
    for settings in ({"BALLAST_MLFLOW_URI": ADDRESS}, {"BALLAST_REDIS": f"nothing://:{SECRET}@host"}):
        done = subprocess.run(
            [sys.executable, "-m", "bentos", *command],
            env={**os.environ, "BALLAST_PORT": "1", **own, **settings},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode != 0
        assert SECRET not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
