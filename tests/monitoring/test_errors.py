"""Errors meant for people have one base."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("bentos", "models", "experiments", "monitoring")

NOT_FOR_PEOPLE = {
    "ScoringFailed": "its text becomes the record's `fallback`; the request is answered all the same",
    "Problem": "an HTTP answer with a document of its own",
    "Overloaded": "becomes HTTP's 503 with the time to wait",
    "Unsupported": "a reason noted in the package; CatBoost itself serves",
    "RowError": "a defect of the caller: unknown ids are to be sorted out before scoring",
    "CompactionFailed": "is logged by the Steward; the log is whole, and the next turn comes",
    "RedisConnectionLost": "the request is asked again over another connection",
    "ColumnError": "the reader adds file and column, and says it as a DataError",
    "NotShownError": "becomes the reason of a row that is not watched",
    "TableDamaged": "the segment itself is read instead",
    "UserError": "the base itself",
}


def test_every_public_error_is_meant_for_people_or_says_why_not() -> None:
    bases = _bases()
    errors = {name for name in bases if _is_error(name, bases)}
    assert {name for name in errors if "UserError" in _ancestors(name, bases)} == errors - {*NOT_FOR_PEOPLE}
    assert errors >= {*NOT_FOR_PEOPLE}


def _bases() -> dict[str, list[str]]:
    """Public classes of the project, with the names of their bases."""
    found: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    named = (base.id for base in node.bases if isinstance(base, ast.Name))
                    found.setdefault(node.name, []).extend(named)
    return found


def _ancestors(name: str, bases: dict[str, list[str]]) -> set[str]:
    direct = bases.get(name, [])
    return {*direct}.union(*(_ancestors(base, bases) for base in direct))


def _is_error(name: str, bases: dict[str, list[str]]) -> bool:
    return bool(
        _ancestors(name, bases) & {"Exception", "ValueError", "RuntimeError", "OSError", "IndexError"}
    )
