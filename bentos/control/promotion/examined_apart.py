"""Has a version judged in a process of its own: what its files do to a process, they do to that one.

It also gives back the memory that a judgement takes. A process that dies, or takes too long, has said
nothing: the version is held, and the sentence says how the process ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from bentos.control.promotion.examination import job
from bentos.environment import ROOT
from models.gate.subject import Subject
from models.gate.verdict import Check, Result, Verdict

LIMIT = 3600.0  # seconds that one examination may take
COMMAND = (sys.executable, "-m", "bentos.control.promotion.examination")
SECRETS = ("BALLAST_TOKEN", "BALLAST_MLFLOW_URI", "BALLAST_REDIS", "MLFLOW_TRACKING_")


@dataclass
class Examined:
    """A verdict, and its page, which comes later."""

    verdict: Verdict
    _process: subprocess.Popen[bytes] = field(repr=False)

    def page(self) -> str | None:
        """The verdict for people as HTML, once it is made; None where its process died before."""
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        text = self._process.stdout.read()
        return text.decode() if text and self._process.wait() == 0 else None


@contextmanager
def examined_apart(subject: Subject, limit: float = LIMIT) -> Iterator[Examined]:
    """Judge a version in a process of its own, which has ended when the block does."""
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own command
        COMMAND, cwd=ROOT, env=without_secrets(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        too_long = threading.Timer(limit, process.kill)
        too_long.start()
        try:
            line = _told(process, subject)
            seconds = time.monotonic() - started
            verdict = msgspec.json.decode(line, type=Verdict) if line else _died(process, subject, seconds)
            yield Examined(verdict, process)
        finally:
            too_long.cancel()
            process.kill()


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what judging does not need: tokens, and addresses with passwords in them."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(SECRETS)}


def _told(process: subprocess.Popen[bytes], subject: Subject) -> bytes:
    """The line with the verdict; empty where the process ends without one."""
    assert process.stdin is not None  # noqa: S101 - it was started with pipes
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(job(subject))
        process.stdin.close()
    except BrokenPipeError:
        return b""
    line = process.stdout.readline()
    return line if line.endswith(b"\n") else b""


def _died(process: subprocess.Popen[bytes], subject: Subject, seconds: float) -> Verdict:
    status = process.wait()
    how = f"ended with status {status}" if status >= 0 else f"was ended by {signal.Signals(-status).name}"
    sentence = (
        f"the process that examined it {how} after {seconds:.0f} s and said nothing; judge it again with "
        f"`ballast gate {subject.version}`"
    )
    check = Check("examination", Result.HOLD, sentence)
    champion = None if subject.champion is None else subject.champion.name
    return Verdict(subject.ranker, subject.version, (check,), subject.now, seconds, champion)
