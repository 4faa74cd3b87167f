"""Which times and outcomes the tables of the served versions reach: what lies beyond is refused at the door.

Training writes it into `evaluation.json` (`models.training.makeup`); packages of earlier releases tell less.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from models.package import EVALUATION

BEYOND = 1000.0
"""So many times the largest label of training, where labels are amounts: no order of magnitude is known."""


class TableReach(NamedTuple):
    """`first` is the table's first time (unix seconds), `outcomes` the least and most an outcome may be.

    None is what nobody knows. `declared`: the range is that of [expect] outcomes.
    """

    first: float | None = None
    outcomes: tuple[float, float] | None = None
    declared: bool = False

    @property
    def rule(self) -> str:
        """What an outcome has to be, as a refusal says it."""
        least, most = self.outcomes or (-math.inf, math.inf)
        if self.declared:
            return f"from {least:g} to {most:g}, as [expect] outcomes in ranker.toml says"
        return (
            f"from {least:g} to {most:g}, as the labels of training say; where more can come, declare "
            "[expect] outcomes = [least, most] in ranker.toml"
        )

    def holds(self, outcome: float) -> bool:
        """Whether an outcome may be meant."""
        return self.outcomes is None or self.outcomes[0] <= outcome <= self.outcomes[1]


NOTHING_KNOWN = TableReach()


def read_reach(package: Path) -> TableReach:
    """That of one version. What its package does not tell, or where it is damaged, is not known."""
    try:
        found = json.loads((package / EVALUATION).read_bytes())
        table = found.get("table") or {}
        first = table.get("from", (found.get("training") or {}).get("from"))
        return TableReach(_number(first), _outcomes(table.get("labels")))
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return TableReach()


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _outcomes(labels: dict[str, Any] | None) -> tuple[float, float] | None:
    """Grades and classes are all there are; of amounts, larger ones than training saw may come."""
    if labels is None:
        return None
    least, most = float(labels["least"]), float(labels["most"])
    if labels["graded"]:
        return min(least, 0.0), max(most, 1.0)
    far = BEYOND * max(abs(least), abs(most))
    return -far, far


def widest(reaches: Iterable[TableReach], declared: tuple[float, float] | None) -> TableReach:
    """What may be meant where several versions serve; `declared` is [expect] outcomes, which wins.

    A version that tells no range of outcomes may mean any.

    >>> widest([TableReach(5.0, (0.0, 4.0)), TableReach(3.0, (0.0, 1.0))], None)
    TableReach(first=3.0, outcomes=(0.0, 4.0), declared=False)
    """
    known = list(reaches)
    first = min((each.first for each in known if each.first is not None), default=None)
    if declared is not None:
        return TableReach(first, declared, declared=True)
    ranges = [each.outcomes for each in known if each.outcomes is not None]
    if not known or len(ranges) < len(known):
        return TableReach(first)
    return TableReach(first, (min(low for low, _ in ranges), max(high for _, high in ranges)))
