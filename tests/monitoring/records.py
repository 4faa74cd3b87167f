"""Records as a server would write them, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from monitoring.log.record import ArmRecord, Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter


def decision(request_id: str, items: int = 3, **changes: Any) -> Decision:
    """A decision over `items` candidates, the last of them first."""
    fields: dict[str, Any] = {
        "request_id": request_id,
        "time": 1000.0,
        "received": 1000.0,
        "unit": "viewer-7",
        "context": {"wind_speed": 11.5, "carrier": "UA"},
        "attributes": {"country": "US"},
        "arms": [ArmRecord("ranker-ab", "treatment", "@challenger", 0.31, "salt-1")],
        "experiments": "9b1c",
        "epoch": 4,
        "model": "flights/7",
        "snapshot": "5f0e",
        "candidates": [f"item-{k}" for k in range(items)],
        "slate": np.arange(items)[::-1].astype(np.int64),
        "scores": np.linspace(2.0, 1.0, items),
        "propensities": np.full(items, 0.99),
        "explored": False,
    }
    return Decision(**(fields | changes))


def outcome(request_id: str, item: str | int, value: float, **changes: Any) -> Outcome:
    fields = {"request_id": request_id, "item": item, "value": value, "time": 1100.0, "received": 1100.0}
    return Outcome(**(fields | changes))


def write_decisions(root: Path, *decisions: Decision, worker: str = "w0") -> None:
    """One closed segment with `decisions`."""
    writer = SegmentWriter(root / "decisions", worker)
    for each in decisions:
        writer.append(encode(each))
    writer.close()


def write_outcomes(root: Path, *outcomes: Outcome, worker: str = "w0") -> None:
    """One closed segment with `outcomes`."""
    writer = SegmentWriter(root / "outcomes", worker)
    writer.append(encode_outcomes(outcomes))
    writer.close()
