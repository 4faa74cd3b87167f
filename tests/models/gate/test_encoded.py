"""Features that are made of labels: the statistic by itself."""

from __future__ import annotations

import numpy as np

from models.gate.encoded import LEAST, LOW, closeness

TABLES, ROWS = 200, 1200


def test_honest_numbers_follow_labels_no_closer_than_chance() -> None:
    """2,000 honest features: a line that labels truly lie about, whole numbers, other categories' means."""
    draw = np.random.default_rng(2)
    lowest = 0.0
    for _ in range(TABLES):
        risk = draw.integers(0, 20, (10, ROWS)).astype(np.float32)
        label = (draw.random(ROWS) < 0.1 + 0.02 * risk[0]).astype(float)
        features = {str(place): column for place, column in enumerate(risk)}
        starts = np.arange(ROWS + 1)
        lowest = min(lowest, *closeness(features, label, starts).values())
    assert LOW < lowest < 0


def test_a_mean_of_the_labels_is_found() -> None:
    """A category's mean label over all rows, 3 to a value; a mean of other rows, taken before, passes."""
    draw = np.random.default_rng(3)
    place = draw.integers(0, 400, 2 * ROWS)
    label = (draw.random(2 * ROWS) < 0.3).astype(float)
    leaked, before = (
        _encoded(place[:ROWS], label[:ROWS], place[part]) for part in (np.s_[:ROWS], np.s_[ROWS:])
    )
    starts = np.arange(ROWS + 1)
    assert closeness({"mean": leaked}, label[:ROWS], starts)["mean"] < LOW
    assert closeness({"mean": before}, label[ROWS:], starts)["mean"] > LOW
    assert closeness({"few": (place[:ROWS] % (LEAST - 1)).astype(np.float32)}, label[:ROWS], starts) == {}


def _encoded(seen: np.ndarray, label: np.ndarray, asked: np.ndarray) -> np.ndarray:
    counts = np.bincount(seen, minlength=400)
    return (np.bincount(seen, label, 400) / np.maximum(counts, 1))[asked].astype(np.float32)
