"""The worst check is the verdict, and a verdict is plain data."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from models.gate.verdict import Result, Verdict
from tests.bentos.home.verdicts import verdict


def test_the_worst_check_is_the_verdict(tmp_path: Path) -> None:
    """Result, exit status and reasons follow from the checks; no check at all is no pass."""
    held = verdict(Result.HOLD)
    assert held.result is Result.HOLD
    assert held.reasons == "hold: sign: wind_speed goes down"
    assert verdict(Result.PASS).reasons == "pass: files, sign"
    assert Verdict("flights", "3", (), 0.0, 0.0).result is Result.REJECT
    assert held.to_builtins()["checks"][1]["outcome"] == "hold"
    assert [int(result) for result in Result] == [0, 1, 2]


def test_verdicts_are_plain_data() -> None:
    """What goes to steward.json is JSON, whatever the checks held."""
    assert json.loads(msgspec.json.encode(verdict(Result.REJECT).to_builtins()))["outcome"] == "reject"
