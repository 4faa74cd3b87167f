"""Trees see what columns tell only together."""

from __future__ import annotations

import numpy as np

from models.gate.boosted import told_by_trees
from models.gate.fits import Design, agreement
from tests.models.gate.rows import changed, drawn


def test_a_product_of_two_columns_is_seen_by_trees_alone() -> None:
    """Out of fold: what no column tells, of which the label is drawn anew, nothing tells."""
    rows = drawn(count=2000)
    product = rows.features["x0"] * rows.features["x1"]
    both = changed(rows, label=(product > 0.3).astype(np.float64))
    trees = told_by_trees(both, ("x0", "x1", "colour"))
    assert agreement(both, trees).mean() > 0.8
    assert agreement(both, Design.of(both).prediction).mean() < 0.5
    chance = changed(rows, label=np.random.default_rng(0).permutation(rows.label))
    assert abs(agreement(chance, told_by_trees(chance, ("x0", "x1", "colour"))).mean()) < 4 / np.sqrt(2000)
