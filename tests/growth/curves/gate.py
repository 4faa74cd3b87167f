"""What the gate's look at every column of the declared table costs as the table grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models.gate.encoded import closeness
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure

COLUMNS = 6


def _closeness(rows: int) -> Cost:
    draw = np.random.default_rng(1)
    values = [rows // 3, 5_000, 40]  # different ones of a column
    features = {
        str(place): draw.integers(0, values[place % 3], rows).astype(np.float32) for place in range(COLUMNS)
    }
    label, starts = draw.normal(size=rows), np.arange(rows + 1)
    with counted() as seconds:
        closeness(features, label, starts)
    return Cost(rows * COLUMNS, seconds())


@contextmanager
def _measuring(_: Path) -> Iterator[Measure]:
    yield _closeness


CURVES = (
    Curve(
        "the gate: labels in features",
        size="rows",
        unit="a value",
        sizes=(100_000, 400_000, 1_600_000, 5_000_000),
        small=(20_000, 80_000, 320_000),
        measuring=_measuring,
    ),
)
