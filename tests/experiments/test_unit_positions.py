"""Many salts in one step give the positions that each gives alone."""

import random

import numpy as np

from experiments.hashing import RESOLUTION, position_of
from experiments.unit_positions import UnitPositions
from tests.experiments.test_hashing import _keys


def test_positions_are_those_of_each_salt_alone() -> None:
    """Over both algorithms, any characters, empty words, and any choice among the splits."""
    draw = random.Random(7)
    for turn in range(60):
        salts = [salt for salt, _ in _keys(draw.randrange(1, 40), turn)]
        algorithms = draw.choices(list(RESOLUTION), k=len(salts))
        if turn % 2:
            algorithms = ["growthbook-v2"] * len(salts)
        positions = UnitPositions(algorithms, salts)
        for _, unit in _keys(20, 1_000 + turn):
            places = np.flatnonzero([draw.random() < 0.7 for _ in salts])
            expected = [position_of(salts[at], algorithms[at])(unit) for at in places]
            assert positions.of(unit, places).tolist() == expected
