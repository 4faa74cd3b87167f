"""A sample ratio mismatch alarms when it is real, and never for a legal change of weights."""

import numpy as np
import pytest
from scipy.stats import binomtest, chisquare

from experiments.analysis.mismatch import mismatch

HALF = {"a": 0.5, "b": 0.5}


def test_one_phase_is_pearsons_test() -> None:
    """Against scipy, for two and three arms."""
    found = mismatch({"": {"a": 821_588, "b": 815_482}}, {"": HALF})  # Fabijan et al. 2019, their example
    assert found.p == pytest.approx(chisquare([821_588, 815_482]).pvalue, rel=1e-9)
    assert found.blocks
    weights = {"a": 0.2, "b": 0.3, "c": 0.5}
    found = mismatch({"": {"a": 190, "b": 320, "c": 490}}, {"": weights})
    assert found.p == pytest.approx(chisquare([190, 320, 490], [200, 300, 500]).pvalue, rel=1e-9)
    assert not found.blocks
    assert found.sentence().startswith("arms have the units they should: a 190 (expected 200)")


def test_a_ramp_is_no_mismatch_but_pooling_it_would_be() -> None:
    """1% in the challenger, later 50%: fine by phase; against 50/50 alone it looks broken."""
    phases = {"one": {"a": 9_905, "b": 95}, "two": {"a": 5_020, "b": 4_980}}
    weights = {"one": {"a": 0.99, "b": 0.01}, "two": HALF}
    assert mismatch(phases, weights).p > 0.5
    pooled = {"": {arm: sum(phase[arm] for phase in phases.values()) for arm in HALF}}
    assert mismatch(pooled, {"": HALF}).blocks


def test_opposite_mismatches_in_two_phases_do_not_cancel() -> None:
    """Each phase is tested alone as well, and the worst one is named."""
    found = mismatch(
        {"one": {"a": 5_300, "b": 4_700}, "two": {"a": 4_690, "b": 5_310}}, {"one": HALF, "two": HALF}
    )
    assert found.blocks
    assert found.worst_phase == "two"
    assert "It is worst in phase two." in found.sentence()


def test_few_units_are_tested_exactly() -> None:
    """Twenty expected: 38 are what chance gives once in 4,000 times, where Pearson says once in 20,000."""
    counts, weights = {"": {"a": 1_962, "b": 38}}, {"": {"a": 0.99, "b": 0.01}}
    assert mismatch(counts, weights).p == pytest.approx(binomtest(38, 2_000, 0.01).pvalue, rel=1e-9)
    assert chisquare([1_962, 38], [1_980, 20]).pvalue < mismatch(counts, weights).p / 2
    thirds = {"a": 0.98, "b": 0.01, "c": 0.01}
    found = mismatch({"": {"a": 1_940, "b": 40, "c": 20}}, {"": thirds})
    assert found.p == pytest.approx(3 * binomtest(40, 2_000, 0.01).pvalue, rel=1e-9)


def test_units_in_an_arm_without_weight_are_impossible() -> None:
    """However few."""
    found = mismatch({"one": {"a": 900, "b": 1}}, {"one": {"a": 1.0, "b": 0.0}})
    assert found.p == 0
    assert "1 units are in 'b', which has weight 0 in phase one" in found.sentence()


def test_false_alarms_under_ramps_and_power_at_51_49() -> None:
    """4,000 ramps of five phases alarm at most .1% + 3·√(.001/4000); 51/49 of 100,000 is seen."""
    draw = np.random.default_rng(1)
    shares = [0.01, 0.05, 0.2, 0.35, 0.5]
    weights = {str(i): {"a": 1 - share, "b": share} for i, share in enumerate(shares)}
    alarms = 0
    for _ in range(4_000):
        sizes = draw.integers(3, 4_000, 5)
        counts = {}
        for i, (size, share) in enumerate(zip(sizes.tolist(), shares, strict=True)):
            treated = int(draw.binomial(size, share))
            counts[str(i)] = {"a": size - treated, "b": treated}
        alarms += mismatch(counts, weights).blocks
    assert alarms / 4_000 <= 0.001 + 3 * np.sqrt(0.001 / 4_000), alarms
    seen = 0
    for _ in range(200):
        treated = int(draw.binomial(100_000, 0.51))
        seen += mismatch({"": {"a": 100_000 - treated, "b": treated}}, {"": HALF}).blocks
    assert seen >= 198, seen


def test_no_units_are_no_mismatch() -> None:
    """Nothing to test is p = 1, and other sentences say that there is no data."""
    assert mismatch({}, {"": HALF}).p == 1
    assert mismatch({"": {}}, {"": HALF}).p == 1
