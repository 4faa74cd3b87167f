"""Whether anybody answers at this machine's port: what `/status` says there, and what `/metrics` has counted.

This module imports nothing slow: `ballast status` asks with it.
"""

from __future__ import annotations

import json
import os
import re
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 5.0  # seconds for an answer: a machine may be busy
_COUNTER = re.compile(r"^(ballast_(?:requests|refused)_total)\{(.*)\} (\S+)$", re.MULTILINE)


class Answering(NamedTuple):
    """Who answers at `address`: `status` is its own; None where nobody does, and `problem` says why."""

    address: str
    status: dict[str, Any] | None
    problem: str | None = None


class Counts(NamedTuple):
    """What the service has counted since it started: answers of `/rank`, and problem documents."""

    answers: float
    fallback: float
    explored: float
    refused: float


def ask(port: int, ranker: str, patience: float = PATIENCE) -> Answering:
    """Ask the service of `ranker` on this machine; whatever does not answer as it does is nobody."""
    address = f"http://127.0.0.1:{port}"
    try:
        status = json.loads(_got(port, "/status", patience))
    except TimeoutError:
        return Answering(address, None, f"what listens there says nothing for {patience:.0f} s")
    except ConnectionError:
        return Answering(address, None, "nothing listens there")
    except (OSError, HTTPException, ValueError):
        return Answering(address, None, "what listens there is no Ballast")
    name = status.get("ranker") if isinstance(status, dict) else None
    if name != ranker:
        return Answering(address, None, f"what listens there serves {name!r}, not {ranker!r}")
    return Answering(address, status)


def counted(port: int, patience: float = PATIENCE) -> Counts | None:
    """What the service has counted; None where it can't be had."""
    try:
        text = _got(port, "/metrics", patience).decode()
    except (OSError, HTTPException, ValueError):
        return None
    found = [(name, labels, float(value)) for name, labels, value in _COUNTER.findall(text)]
    answers = [(labels, value) for name, labels, value in found if name == "ballast_requests_total"]
    return Counts(
        answers=sum(value for _, value in answers),
        fallback=sum(value for labels, value in answers if 'fallback="none"' not in labels),
        explored=sum(value for labels, value in answers if 'explored="true"' in labels),
        refused=sum(value for name, _, value in found if name == "ballast_refused_total"),
    )


def running_for(pid: int) -> float | None:
    """Seconds since the supervisor of a worker started, and with it the counters; None where it is gone."""
    try:
        parent = _fields(pid)[1]
        started = float(_fields(int(parent))[19]) / os.sysconf("SC_CLK_TCK")
        return float(Path("/proc/uptime").read_text().split()[0]) - started
    except (OSError, ValueError, IndexError):
        return None


def _fields(pid: int) -> list[str]:
    """Of proc(5)'s stat, what follows the name: the state, the parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _got(port: int, path: str, patience: float) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()
