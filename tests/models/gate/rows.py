"""Labelled rows for the tests of the checks of a table: drawn, healthy, and turned as a test wants them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from models.gate.fits import Design
from models.gate.labelled import LabelledRows
from models.gate.subject import Subject

PARTS = ("label", "starts", "names", "timed", "items")
WEIGHTS = np.array([0.9, -0.7, 0.4, 0.0])


def drawn(seed: int = 0, count: int = 1000, size: int = 1, noise: float = 1.0) -> LabelledRows:
    """`count` rows of four numbers and a word, in requests of `size`; the label is 0 or 1, 30% of them 1."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(count, 4))
    worth = x @ WEIGHTS + noise * draw.logistic(size=count)
    label = (worth > np.quantile(worth, 0.7)).astype(np.float64)
    features: dict[str, Any] = {f"x{place}": x[:, place].astype(np.float32) for place in range(4)}
    features["colour"] = draw.choice(["red", "green"], count).astype(object)
    starts = np.arange(0, count + 1, size, dtype=np.int64)
    return LabelledRows(features, label, starts, np.array([f"i{row}" for row in range(count)]), True)


def changed(rows: LabelledRows, **changes: Any) -> LabelledRows:
    """The rows with other features (`x0=…`), labels or order."""
    parts = {name: changes.pop(name, getattr(rows, name)) for name in PARTS}
    return LabelledRows({**rows.features, **changes}, **parts)


def from_rows(rows: LabelledRows, source: np.ndarray) -> LabelledRows:
    """Every row with the features of another one."""
    return changed(rows, **{name: column[source] for name, column in rows.features.items()})


def subject_of(rows: LabelledRows | None) -> Subject:
    """A version of which nothing but the table's rows is known."""
    found = SimpleNamespace(rows=None if rows is None else Design.of(rows))
    return cast("Subject", found)
