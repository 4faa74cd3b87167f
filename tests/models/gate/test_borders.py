"""The borders of a model against the values that are served."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from models.gate.borders import FEW, borders
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject, with_evidence


def test_a_healthy_models_borders_lie_among_what_is_served(shop: Shop, version: Path) -> None:
    """Item features against the catalogue, the others against the sample of training."""
    (found,) = borders(subject(shop, version))
    assert (found.result, found.figure) == (Result.PASS, 0)
    assert found.sentence == "the borders of 4 numbers lie among the values that are served"


@pytest.mark.parametrize("factor", [60, -1])
def test_another_unit_holds(shop: Shop, version: Path, factor: float) -> None:
    """Hours that come as minutes, or negative: the feature, the borders and the values are named."""
    judged = subject(shop, version)
    sample = judged.sample.assign(hour=judged.sample["hour"] * factor + np.sign(factor) * 30)
    (found,) = borders(with_evidence(judged, sample=sample))
    assert found.result is Result.HOLD
    assert found.sentence.startswith("fitted on other values than are served, of 1 features: hour: ")
    assert f"lie outside of {sample['hour'].min():.6g} to {sample['hour'].max():.6g}" in found.sentence


def test_what_was_not_sampled_is_not_judged(shop: Shop, version: Path) -> None:
    """A package without a sample says nothing of context; a sample without a finite value neither."""
    for sample in (pd.DataFrame(), pd.DataFrame({"hour": np.full(9, np.nan)})):
        (found,) = borders(with_evidence(subject(shop, version), sample=sample))
        assert found.sentence == "the borders of 3 numbers lie among the values that are served"


def test_a_feature_of_few_borders_is_not_judged(shop: Shop, version: Path) -> None:
    """Half of four borders may be anywhere."""
    judged = subject(shop, version)
    outside = [1e6] * (FEW - 1)
    model = SimpleNamespace(feature_names_=["price"], get_borders=lambda: {0: outside})
    (found,) = borders(with_evidence(judged, model=model))
    assert (found.result, found.sentence[:24]) == (Result.PASS, "the borders of 0 numbers")
    model.get_borders = lambda: {0: [*outside, 1e6]}
    (held,) = borders(with_evidence(judged, model=model))
    assert (held.result, held.figure) == (Result.HOLD, 1)
