"""Distributions over units are what numpy's histogram says."""

import numpy as np
import pytest

from experiments.analysis.question import Measure
from experiments.analysis.spread import BINS, spread_of
from experiments.analysis.units import units_of
from tests.experiments.analysis.frames import frame, question, table


def test_shares_are_those_of_units() -> None:
    data = frame(effect=1.0, rows=3)
    asked = question()
    found = spread_of(units_of(table(data), asked), asked)
    assert found is not None
    means = data.groupby("unit").agg(m=("m", "mean"), arm=("arm", "first"))
    edges = np.array(found.edges)
    edges[[0, -1]] = -np.inf, np.inf
    for arm, shares in found.shares.items():
        own = np.histogram(means[means.arm == arm].m, edges)[0]
        assert len(shares) == BINS
        assert np.allclose(shares, own / own.sum(), atol=1 / own.sum() + 1e-9)
    assert found.beyond == pytest.approx((0.005, 0.005), abs=1e-3)


def test_sums_and_what_does_not_vary() -> None:
    data = frame(rows=2)
    whole = question(Measure("m", "m", per_unit=True))
    found = spread_of(units_of(table(data), whole), whole)
    assert found is not None
    assert 15 < (found.edges[0] + found.edges[-1]) / 2 < 25
    flat = question(Measure("one", "one"))
    assert spread_of(units_of(table(data), flat), flat) is None
