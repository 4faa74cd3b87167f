"""Features that are made of labels: the statistic by itself."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate import encoded
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


def test_of_many_rows_values_are_drawn_with_all_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoding is found in a tenth of its values, honest ones stay honest, and few are all looked at."""
    draw = np.random.default_rng(4)
    rows, values = 60_000, 24_000
    place = draw.integers(0, values, rows)
    label = (draw.random(rows) < 0.3).astype(float)
    counts = np.maximum(np.bincount(place, minlength=values), 1)
    noise = draw.normal(size=values)  # so that a value is a place, as a mean of many labels nearly is
    leaked = (np.bincount(place, label, values) / counts + 1e-4 * noise)[place].astype(np.float32)
    honest, few = noise[place].astype(np.float32), (place % 50).astype(np.float32)
    features, starts = {"leaked": leaked, "honest": honest, "few": few}, np.arange(rows + 1)
    whole = closeness(features, label, starts)
    monkeypatch.setattr(encoded, "MOST_ROWS", rows // 10)
    drawn = closeness(features, label, starts)
    assert drawn["few"] == pytest.approx(whole["few"])  # of 50 values none is left out
    assert drawn["leaked"] < LOW
    assert drawn["honest"] > LOW
    assert drawn["leaked"] > whole["leaked"] * 0.6  # of a tenth of the values a third of the deviates
    kept = encoded.hashed(honest) < 2**32 * 0.1
    assert 0.09 < kept.mean() < 0.11
    assert not set(honest[kept]) & set(honest[~kept])  # a value is drawn whole
    assert encoded.hashed(np.array([-0.0], np.float32)) == encoded.hashed(np.array([0.0], np.float32))
