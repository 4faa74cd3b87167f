"""How long the outcomes of a version's decisions take."""

from __future__ import annotations

from pathlib import Path

from models.gate.subject import read_json
from models.package import EVALUATION


def outcome_delay(package: Path, declared: float | None) -> float | None:
    """Seconds after which a decision's outcomes count as complete: as declared, else as training saw it.

    None where the table of training did not say either. Raises EvidenceError for a package without its
    evaluation.
    """
    if declared is not None:
        return declared
    seen = read_json(package / EVALUATION).get("matured_seconds")
    return None if seen is None else float(seen)
