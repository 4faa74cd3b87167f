"""What the guard has counted of each version so far, a file each. A restarted Steward goes on from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from bentos.home.state import Home, write_atomically


def folder(home: Home) -> Path:
    """Where evidence is kept."""
    return home.guard / "evidence"


class KeptEvidence(NamedTuple):
    """What is kept of one version: quantities for people, evidence to go on from, and `until` when decisions
    were made (event time, unix s; None: never) whose outcomes are part of it."""

    quantities: dict[str, Any]
    evidence: dict[str, Any]
    until: float | None = None


def save(home: Home, version: str, of: str, kept: KeptEvidence) -> None:
    """Keep one version's evidence; `of` is the digest of the package that it is about."""
    document = {"package": of, **kept._asdict()}
    write_atomically(folder(home) / f"{version}.json", json.dumps(document).encode())


def read(home: Home, version: str, of: str) -> dict[str, Any]:
    """What was saved of a version; nothing if it is of another package, or the file has another form."""
    found = _document(folder(home) / f"{version}.json")
    return dict(found["evidence"]) if found.get("package") == of else {}


class CountedOutcomes(NamedTuple):
    """Whether it is `known` of which decisions outcomes have counted, and `until` when those were made.

    `until` is in event time (unix s); None: of no decision yet.
    """

    known: bool
    until: float | None


def counted(home: Home, version: str, of: str) -> CountedOutcomes:
    """Of which decisions of a version outcomes have counted; unknown where nothing was saved of it."""
    found = _document(folder(home) / f"{version}.json")
    known = found.get("package") == of and "until" in found
    return CountedOutcomes(known, found["until"] if known else None)


def read_all(home: Home) -> dict[str, Any]:
    """Every version's quantities, as they stood when they were saved."""
    paths = sorted(folder(home).glob("*.json"))
    found = {path.stem: _document(path) for path in paths}
    return {version: {"quantities": each["quantities"]} for version, each in found.items() if each}


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    whole = isinstance(found, dict) and {"package", "quantities", "evidence"} <= found.keys()
    return found if whole else {}
