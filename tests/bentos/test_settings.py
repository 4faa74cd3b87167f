"""Settings: the documented table is the code's, and a bad value is one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.environment import ROOT
from bentos.settings import Settings, SettingsError, settings


def test_the_documented_settings_are_the_settings() -> None:
    """Every setting has its row in docs/operations.md, and every row its setting."""
    text = (ROOT / "docs" / "operations.md").read_text()
    documented = set(re.findall(r"^\| `BALLAST_(\w+)` \|", text, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("PORT", "many", "integer"),
        ("PORT", "70000", "65535"),
        ("RUNNER", "cloud", "'embedded' or 'remote'"),
        ("REDIS", "localhost:6379", "should match"),
    ],
)
def test_a_bad_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, rule: str
) -> None:
    """It names the variable, the value and the rule."""
    monkeypatch.setenv(f"BALLAST_{name}", value)
    settings.cache_clear()
    with pytest.raises(SettingsError, match=f"BALLAST_{name}: '{value}': .*{rule}"):
        settings()
    settings.cache_clear()


def test_the_command_line_says_it_without_a_trace(tmp_path: Path) -> None:
    """A user's mistake is a sentence and status 2."""
    result = subprocess.run(
        [sys.executable, "-m", "bentos", "status"],
        env={"BALLAST_PORT": "no", "PATH": "/usr/bin", "BALLAST_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 2
    assert "BALLAST_PORT: 'no'" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "ranker.toml does not exist"),
        (b"x = [", "ranker.name can't be read: Invalid value"),
        (b"\xff", "ranker.name can't be read: 'utf-8' codec"),
        (b"[other]", "ranker.name can't be read: 'ranker'"),
        ("folder", "ranker.toml can't be read: Is a directory"),
    ],
)
def test_a_declaration_without_a_name_is_one_sentence(
    tmp_path: Path, content: bytes | str | None, sentence: str
) -> None:
    """Whatever stands in its place."""
    file = tmp_path / "ranker.toml"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        file.mkdir()
    with pytest.raises(SettingsError, match=sentence):
        _ = Settings(ranker=file).ranker_name


def test_small_letters_do_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """And variables that are no setting are somebody else's."""
    monkeypatch.setenv("ballast_port", "4000")
    monkeypatch.setenv("BALLAST_WEATHER", "fine")
    settings.cache_clear()
    assert settings().port == 4000
    settings.cache_clear()


def test_a_home_is_a_folder_or_can_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("BALLAST_HOME", str(home))
        settings.cache_clear()
        with pytest.raises(SettingsError, match=f"must be a folder; {tmp_path / 'file'} is none"):
            settings()
    monkeypatch.setenv("BALLAST_HOME", str(tmp_path / "new" / "home"))
    assert settings().home == tmp_path / "new" / "home"
    settings.cache_clear()
