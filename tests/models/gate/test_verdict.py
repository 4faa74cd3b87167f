"""Results, findings and verdicts, in Python and in JSON."""

from __future__ import annotations

import json

import msgspec
import pytest

from models.gate.verdict import SHARE, Check, Result, Verdict
from tests.bentos.home.verdicts import verdict as sample

SOUND = Check("files", Result.PASS, "all there", 0.0, 0.0, "manifest.json")
DOUBTFUL = Check("spread", Result.HOLD, "wider than before", 4.0, 3.0, "the champion's")
WRONG = Check("sign", Result.REJECT, "upside down")


def verdict(*checks: Check) -> Verdict:
    return Verdict("flights", "7", checks, time=5.0, seconds=0.5, champion="6")


@pytest.mark.parametrize(
    ("checks", "result"),
    [
        ((SOUND,), Result.PASS),
        ((SOUND, DOUBTFUL), Result.HOLD),
        ((WRONG, DOUBTFUL, SOUND), Result.REJECT),
        ((), Result.REJECT),
    ],
)
def test_the_worst_check_decides(checks: tuple[Check, ...], result: Result) -> None:
    """No check at all is no pass."""
    assert verdict(*checks).result is result


def test_reasons_begin_with_the_worst() -> None:
    """A line for each check that did not pass; where all did, their names."""
    assert verdict(DOUBTFUL, SOUND, WRONG).reasons == (
        "reject: sign: upside down\nhold: spread: wider than before"
    )
    assert verdict(SOUND).reasons == "pass: files"
    based = msgspec.structs.replace(verdict(SOUND), basis="beats chance by little")
    assert based.reasons == "pass: beats chance by little\npassed: files"


def test_json_says_outcome_as_it_always_did() -> None:
    """Files of rulings and `--json` keep the word: a number in the one, a name in the other."""
    judged = verdict(SOUND, DOUBTFUL)
    stored = msgspec.json.encode(judged)
    assert [check["outcome"] for check in json.loads(stored)["checks"]] == [0, 1]
    assert msgspec.json.decode(stored, type=Verdict) == judged
    shown = judged.to_builtins()
    assert list(shown)[:2] == ["outcome", "reasons"]
    assert shown["outcome"] == "hold"
    assert shown["champion"] == "6"
    assert shown["checks"][1] == {
        "name": "spread",
        "outcome": "hold",
        "sentence": "wider than before",
        "figure": 4.0,
        "limit": 3.0,
        "source": "the champion's",
        "unit": "",
    }


def test_a_figure_is_shown_in_the_unit_of_its_limit() -> None:
    """A share in percent, as sentences have it; others with their unit; nothing where there is none."""
    share = Check("ties", Result.HOLD, "68% of the candidates share", 0.68, 0.5, unit=SHARE)
    assert (share.shown(share.figure), share.shown(share.limit)) == ("68.0%", "50.0%")
    assert Check("size", Result.PASS, "2.5 MB", 2.5, unit="MB").shown(2.5) == "2.5 MB"
    assert SOUND.shown(None) == ""


def test_the_worst_check_is_the_verdict() -> None:
    """Result, exit status and reasons follow from the checks; no check at all is no pass."""
    held = sample(Result.HOLD)
    assert held.result is Result.HOLD
    assert held.reasons == "hold: sign: wind_speed goes down"
    assert sample(Result.PASS).reasons == "pass: files, sign"
    assert Verdict("flights", "3", (), 0.0, 0.0).result is Result.REJECT
    assert held.to_builtins()["checks"][1]["outcome"] == "hold"
    assert [int(result) for result in Result] == [0, 1, 2]


def test_verdicts_are_plain_data() -> None:
    """What goes to steward.json is JSON, whatever the checks held."""
    assert json.loads(msgspec.json.encode(sample(Result.REJECT).to_builtins()))["outcome"] == "reject"
