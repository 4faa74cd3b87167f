"""Evidence on disk, a file per version: a restart of the Steward is no amnesty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bentos.state import Home, write_atomically


def folder(home: Home) -> Path:
    """Where evidence is kept."""
    return home.guard / "evidence"


def save(home: Home, version: str, of: str, report: dict[str, Any], evidence: dict[str, Any]) -> None:
    """Keep one version's evidence; `of` is the digest of the package that it is about."""
    document = {"package": of, "quantities": report, "evidence": evidence}
    write_atomically(folder(home) / f"{version}.json", json.dumps(document).encode())


def read(home: Home, version: str, of: str) -> dict[str, Any]:
    """What was saved of a version; nothing where its package, or the file's form, is another."""
    found = _document(folder(home) / f"{version}.json")
    return dict(found["evidence"]) if found.get("package") == of else {}


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
