"""The process, asked through a worker's application and by the command line: the same as worked out here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from bentos.console.client import ask_explanation
from bentos.home.console_socket import console_folder
from bentos.home.journal import Event, append
from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import explain
from bentos.offline.explanation.parts import Explanation, NoSuchItemError
from monitoring.log.record import Decision
from monitoring.log.request import NoSuchRequestError
from tests.bentos.http.test_forward import ask


@contextmanager
def running(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """The process for a home, once it can be asked."""
    declared = home.folder.parent / "ranker.toml"
    declared.write_text('[ranker]\nname = "small"\n')
    place = {"BALLAST_HOME": str(home.folder.parent), "BALLAST_RANKER": str(declared)}
    command = [sys.executable, "-m", "bentos.console.serving"]
    with subprocess.Popen(command, env={**os.environ, **place}) as process:
        try:
            deadline = time.monotonic() + 90
            while ask(home, "/explain/").status_code == 503:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


def asked(home: Home, record: Decision) -> Explanation:
    answer = ask(home, f"/explain/{record.request_id}", accept="application/json")
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Explanation)


def test_decisions_are_explained_from_outside(told: Home, record: Decision) -> None:
    """To the last bit, after a promotion and a restart too; what does not exist is a sentence."""
    expected = explain(told, record.request_id)
    assert expected.proof.same is True
    with running(told) as process:
        assert console_folder(told).stat().st_mode & 0o777 == 0o700
        assert asked(told, record) == expected == ask_explanation(told, record.request_id, [])
        facts = {"reference": "@champion", "version": "2", "epoch": record.epoch + 1}
        append(told, Event.PROMOTED, "passed the gate", 2.0, facts)
        assert asked(told, record) == expected
        _pages(told, record)
        _refusals(told, record)
        process.send_signal(signal.SIGTERM)
        process.wait(10.0)
    assert ask(told, f"/explain/{record.request_id}").status_code == 503
    assert ask_explanation(told, record.request_id, []) is None
    with running(told):
        assert asked(told, record) == expected
        _gone(told, record)


def _pages(home: Home, record: Decision) -> None:
    last = str(record.candidates[record.slate[-1]])
    page = ask(home, f"/explain/{record.request_id}?item={last}", accept="text/html,*/*;q=0.8")
    assert page.headers["content-type"].startswith("text/html")
    assert "script" not in page.headers["content-security-policy"]
    assert "to the last bit" in page.text
    assert last in page.text


def _refusals(home: Home, record: Decision) -> None:
    with pytest.raises(NoSuchRequestError, match="no-such"):
        ask_explanation(home, "no-such", [])
    with pytest.raises(NoSuchItemError, match="nowhere"):
        ask_explanation(home, record.request_id, ["nowhere"])


def _gone(home: Home, record: Decision) -> None:
    """A version whose files are gone is said, though it was loaded before."""
    path = Path(home.version(record.model.partition("/")[2]))
    path.unlink() if path.is_symlink() else shutil.rmtree(path)
    found = asked(home, record)
    assert found.proof.same is None
    assert "can't be worked out again" in found.proof.sentence
