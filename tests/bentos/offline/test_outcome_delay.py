"""How long outcomes take: what is declared counts, then what training saw, then nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bentos.offline.outcome_delay import outcome_delay
from models.package import PackageError


def package(folder: Path, **evaluation: object) -> Path:
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    return folder


@pytest.mark.parametrize("declared", [0.0, 3600.0])
def test_what_is_declared_counts(tmp_path: Path, declared: float) -> None:
    """Also no time at all; the package is not even looked at."""
    assert outcome_delay(package(tmp_path, matured_seconds=60), declared) == declared
    assert outcome_delay(tmp_path / "none", declared) == declared


def test_else_what_training_saw(tmp_path: Path) -> None:
    """A table with a time of its labels says how late they were; another one does not."""
    assert outcome_delay(package(tmp_path, matured_seconds=60), None) == 60.0
    assert outcome_delay(package(tmp_path, ndcg_10=0.4), None) is None
    assert outcome_delay(package(tmp_path, matured_seconds=None), None) is None


@pytest.mark.parametrize("content", [None, b"{", b"[1]"], ids=["missing", "cut", "a list"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A damaged package is no package without an answer."""
    if content is not None:
        (tmp_path / "evaluation.json").write_bytes(content)
    with pytest.raises(PackageError, match=r"evaluation\.json: is no evaluation of a package: "):
        outcome_delay(tmp_path, None)
