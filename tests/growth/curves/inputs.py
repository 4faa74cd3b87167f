"""What a request's own features cost: fields of its context, and columns that a cross function makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models.features import FeatureSpec, crossed, parse_context
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure

TURNS = 2_000
ROWS = 10


def _context(fields: int) -> Cost:
    names = tuple(f"field-{number}" for number in range(fields))
    spec = FeatureSpec((), (), names, (), (), names)
    raw = {name: float(place) for place, name in enumerate(names)}
    with counted() as seconds:
        for _ in range(TURNS):
            parse_context(spec, raw)
    return Cost(TURNS * fields, seconds())


def _cross(columns: int) -> Cost:
    names = tuple(f"column-{number}" for number in range(columns))
    spec = FeatureSpec((), (), (), (), names, names)
    made = {name: np.zeros(ROWS, np.float32) for name in names}
    with counted() as seconds:
        for _ in range(TURNS):
            crossed(spec, made, ROWS)
    return Cost(TURNS * columns, seconds())


@contextmanager
def _contexts(_: Path) -> Iterator[Measure]:
    yield _context


@contextmanager
def _crosses(_: Path) -> Iterator[Measure]:
    yield _cross


CURVES = (
    Curve("context fields", "fields", "a field", (10, 40, 150, 500), (10, 40, 160), _contexts),
    Curve("cross features", "columns", "a column", (5, 20, 80, 320), (5, 20, 80), _crosses),
)
