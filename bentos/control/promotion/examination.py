"""One examination by the gate, as a process of its own: `python -m bentos.control.promotion.examination`.

Here, and nowhere before, CatBoost reads a model that came out of the registry, after the digests of all files
are known to be the manifest's. The job comes as JSON on standard input. What goes out is the verdict as one
line of JSON, and then its page; whatever libraries print goes where errors go.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from bentos.worker.priority import first_to_go
from models.gate.judge import judge
from models.gate.page import page
from models.gate.subject import Subject

_PR_SET_PDEATHSIG = 1  # prctl(2): the signal a process gets when its parent dies
_PATHS = frozenset({"package", "catalogues", "declaration", "champion", "log"})


def job(subject: Subject) -> bytes:
    """A subject as JSON.

    >>> again = subject_of(job(Subject("shop", "7", Path("packages/7"), catalogues=Path("catalogues"))))
    >>> again.version, again.package.name, again.champion
    ('7', '7', None)
    """
    values = {each.name: getattr(subject, each.name) for each in fields(subject)}
    return json.dumps(values, default=str).encode()


def subject_of(text: bytes) -> Subject:
    """The subject that `job` wrote."""
    values: Mapping[str, Any] = json.loads(text)
    return Subject(**{name: _value(name, value) for name, value in values.items()})


def _value(name: str, value: Any) -> Any:
    return Path(value) if name in _PATHS and value is not None else value


def _stand_back() -> None:
    """End with the process that asked; leave no core; be the first to go where memory is short."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    first_to_go()


def main() -> None:
    """Judge the one subject."""
    _stand_back()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    subject = subject_of(sys.stdin.buffer.read())
    verdict = judge(subject)
    answer.write(msgspec.json.encode(verdict) + b"\n")
    answer.flush()  # the verdict is waited for, the page is not
    answer.write(page(verdict, subject).encode())
    answer.close()


if __name__ == "__main__":
    main()
