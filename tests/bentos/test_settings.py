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
