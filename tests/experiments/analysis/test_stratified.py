"""Stratified comparisons hold their level where the pooled one is wrong, and count a unit once."""

import numpy as np

from tests.proofs.phases import equal_arms


def test_intervals_hold_over_a_change_of_weights() -> None:
    """400 pairs of equal arms, units moved among them: 5% differ, by chance within 4·√(.05·.95/400)."""
    stratified, pooled = equal_arms(400, 1_000, 1)
    assert abs(stratified - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 400), stratified
    assert pooled > 0.9
