"""How long outcomes take is declared, or as training saw it, or unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.outcome_delay import outcome_delay
from models.gate.subject import EvidenceError


def evaluated(folder: Path, text: str) -> Path:
    (folder / "evaluation.json").write_text(text)
    return folder


def test_what_is_declared_counts(tmp_path: Path) -> None:
    """Nothing of the package is read then; at once is a delay too."""
    assert outcome_delay(tmp_path / "gone", 3600.0) == 3600.0
    assert outcome_delay(evaluated(tmp_path, '{"matured_seconds": 60}'), 0.0) == 0.0


def test_else_what_training_saw(tmp_path: Path) -> None:
    """None where the table had no time of its labels."""
    assert outcome_delay(evaluated(tmp_path, '{"matured_seconds": 60}'), None) == 60.0
    assert outcome_delay(evaluated(tmp_path, "{}"), None) is None
    assert outcome_delay(evaluated(tmp_path, '{"matured_seconds": null}'), None) is None


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_package_without_its_evaluation_is_told(tmp_path: Path, text: str | None) -> None:
    """Missing, damaged, or another file."""
    if text is not None:
        evaluated(tmp_path, text)
    with pytest.raises(EvidenceError, match=r"evaluation\.json"):
        outcome_delay(tmp_path, None)
