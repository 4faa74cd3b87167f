"""The process that examines: it answers on its own pipe, and ends with whoever asked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from bentos.control.promotion.examination import job, subject_of
from bentos.control.promotion.examined_apart import COMMAND
from bentos.environment import ROOT
from models.gate.subject import Subject
from models.gate.verdict import Result, Verdict


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return Subject(
        "shop", "7", tmp_path / "7", tmp_path, tmp_path / "ranker.toml", None, tmp_path / "log", 5.0
    )


def test_a_subject_comes_as_it_went(subject: Subject) -> None:
    assert vars(subject_of(job(subject))) == vars(subject)


def test_the_verdict_comes_first_and_its_page_after(subject: Subject) -> None:
    """What libraries print comes between nothing."""
    done = subprocess.run(COMMAND, cwd=ROOT, input=job(subject), capture_output=True, check=True, timeout=120)
    line, _, page = done.stdout.partition(b"\n")
    verdict = msgspec.json.decode(line, type=Verdict)
    assert (verdict.ranker, verdict.version, verdict.time) == ("shop", "7", 5.0)
    assert verdict.result is Result.REJECT
    assert json.loads(line)["checks"][0]["name"] == "files"
    assert page.lstrip().startswith(b"<!doctype html>")
