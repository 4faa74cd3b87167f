"""Comparisons from moments alone."""

from experiments.analysis.comparisons import effects_of, ratio
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure
from tests.experiments.analysis.frames import question


def test_an_arm_of_one_unit_has_no_effect() -> None:
    """Nor one without variation."""
    arms = {name: Moments(1, {"n0": 1.0}, {"n0": 0.0}, {}) for name in "ab"}
    assert effects_of(arms, question(Measure("m", "m", per_unit=True))) == []


def test_columns_of_a_stratum_have_its_suffix() -> None:
    """In strata a sum per unit needs to know which units are in it."""
    found = ratio(0, Measure("m", "m", per_unit=True, before=("p", None)), adjusted=True, suffix="_1")
    assert (found.above, found.below, found.past, found.size) == ("n0_1", "d0_1", "bn0_1", "bd0_1")
