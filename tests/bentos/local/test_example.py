"""A request to try, and the memory that reading it takes given back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.environment import ROOT
from bentos.local.example import CANDIDATES, Example
from bentos.local.processes import StartError


def test_a_body_of_a_few_candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the ranker that the settings name; one that is none is a sentence."""
    monkeypatch.setenv("BALLAST_HOME", str(tmp_path))
    (tmp_path / "ranker.toml").write_text("[ranker]")
    monkeypatch.setenv("BALLAST_RANKER", str(tmp_path / "ranker.toml"))
    with pytest.raises(StartError, match="there is no request to try: error: "):
        Example().body()
    monkeypatch.delenv("BALLAST_RANKER")
    assert len(json.loads(Example().body())["candidates"]) == CANDIDATES


def test_what_waits_has_read_no_table() -> None:
    """`ballast up` imports nothing that reads or trains: children do."""
    slow = "numpy", "pandas", "pyarrow", "catboost", "mlflow", "bentoml"
    code = f"import sys, bentos.commands.up; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
