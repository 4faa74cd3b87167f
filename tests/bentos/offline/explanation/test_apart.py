"""In a process of its own an explanation is the same, and a refusal the same sentence."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from bentos.environment import ROOT
from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import explain
from bentos.offline.explanation.parts import Explanation
from monitoring.log.record import Decision

MODULE = "bentos.offline.explanation.apart"


def _run(home: Home, *asked: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", MODULE, str(home.folder), str(home.declaration), *asked]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)


def test_it_is_the_same(told: Home, record: Decision) -> None:
    """To the last bit of each score; also of an item that is asked for, whatever its name begins with."""
    asked = [record.request_id, str(record.candidates[record.slate[-1]])]
    done = _run(told, *asked)
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout, type=Explanation) == explain(told, asked[0], asked[1:])


def test_what_is_not_there_is_a_sentence(told: Home, record: Decision) -> None:
    for asked, sentence in (
        (["--help"], "request '--help': the log has no decision of that id"),
        ([record.request_id, "--json"], "has no such item"),
    ):
        done = _run(told, *asked)
        assert (done.returncode, done.stdout) == (2, b"")
        assert sentence in done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
