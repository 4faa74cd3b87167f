"""A version that kills its examiner, or keeps it busy, is held; the Steward goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bentos.control.promotion import examined_apart as apart
from bentos.control.promotion.examined_apart import examined_apart, without_secrets
from models.gate.subject import Subject
from models.gate.verdict import Result


def subject(folder: Path) -> Subject:
    return Subject("shop", "7", folder / "7", folder, champion=folder / "6")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import os; os.abort()", "was ended by SIGABRT"),
        ("import time; time.sleep(60)", "was ended by SIGKILL"),
        ("print(end='{')", "ended with status 0"),
        ("import sys; sys.exit(3)", "ended with status 3"),
    ],
)
def test_a_process_that_says_nothing_holds_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, how: str
) -> None:
    """Nor has the verdict a page. A line that was not ended is none."""
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, "-c", code))
    with examined_apart(subject(tmp_path), limit=2.0) as examined:
        assert examined.page() is None
    [check] = examined.verdict.checks
    assert (check.name, check.result, examined.verdict.champion) == ("examination", Result.HOLD, "6")
    assert check.sentence.startswith(f"the process that examined it {how} after ")
    assert check.sentence.endswith("judge it again with `ballast gate 7`")


def test_a_folder_that_is_none_is_rejected(tmp_path: Path) -> None:
    with examined_apart(subject(tmp_path)) as examined:
        page = examined.page()
    assert examined.verdict.result is Result.REJECT
    assert page is not None
    assert "model.cb" in page


def test_secrets_stay_with_those_who_need_them() -> None:
    given = {
        "BALLAST_HOME": "h",
        "BALLAST_TOKEN": "t",
        "ballast_mlflow_uri": "u",
        "MLFLOW_TRACKING_PASSWORD": "p",
    }
    assert without_secrets(given) == {"BALLAST_HOME": "h"}
