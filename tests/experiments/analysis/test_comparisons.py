"""Comparisons from moments alone; and what does not vary, an NDCG of 1 everywhere or no reward at all."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.comparisons import effects_of, ratio
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure
from tests.experiments.analysis.frames import asked, frame, question


def test_an_arm_of_one_unit_has_no_effect() -> None:
    """Nor one without variation."""
    arms = {name: Moments(1, {"n0": 1.0}, {"n0": 0.0}, {}) for name in "ab"}
    assert effects_of(arms, question(Measure("m", "m", per_unit=True))) == []


def test_columns_of_a_stratum_have_its_suffix() -> None:
    """In strata a sum per unit needs to know which units are in it."""
    found = ratio(0, Measure("m", "m", per_unit=True, before=("p", None)), adjusted=True, suffix="_1")
    assert (found.above, found.below, found.past, found.size) == ("n0_1", "d0_1", "bn0_1", "bd0_1")


MEASURES = (
    Measure("mean", "m"),
    Measure("mean with a margin", "m", margin=0.01, role="guardrail"),
    Measure("sum per unit", "m", per_unit=True, role="secondary"),
    Measure("ratio", "m", "one", role="secondary"),
    Measure("winsorised", "m", winsorise=0.99, role="secondary"),
    Measure("quantile", "m", quantile=0.9, role="secondary"),
    Measure("with a past", "m", before=("p", None), role="secondary"),
    Measure("with a constant past", "m", before=("one", None), role="secondary"),
)


def _values(data: pd.DataFrame, kind: str) -> pd.DataFrame:
    treated = (data.arm == "b").to_numpy()
    constant = {
        "ones": np.ones(len(data)),
        "zeros": np.zeros(len(data)),
        "nearly ones": np.where(np.arange(len(data)) % 2, 1.0, 1.0 - 1e-16),
        "tenths": np.full(len(data), 0.1),
        "two constants": np.where(treated, 2.0, 1.0),
        "one arm constant": np.where(treated, data.m, 10.0),
        "zeros in control": np.where(treated, data.m, 0.0),
        "one other value": np.where(np.arange(len(data)) == 3, 0.5, 1.0),
    }
    turns = np.arange(len(data))
    places, others = np.where(turns % 3, "x", "y"), np.where(turns % 2, "c", "d")
    return data.assign(m=constant[kind], place=places, other=others)


@pytest.mark.parametrize(
    "kind",
    [
        "ones",
        "zeros",
        "nearly ones",
        "tenths",
        "two constants",
        "one arm constant",
        "zeros in control",
        "one other value",
    ],
)
def test_what_does_not_vary_is_analysed(kind: str) -> None:
    """An effect and a verdict; and no deviation that is negative or not a number."""
    for rows, ended in ((1, True), (3, False)):
        data = _values(frame(units=300, rows=rows), kind)
        found, said = asked(data, question(*MEASURES, ended=ended, slices=("place",), beside=("other",)))
        assert said
        for effect in found.effects:
            assert effect.deviation is None or effect.deviation >= 0
            if kind in {"ones", "zeros", "tenths"}:
                assert effect.difference == pytest.approx(0, abs=1e-12)
