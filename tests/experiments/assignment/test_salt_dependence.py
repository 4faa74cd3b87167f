"""Salts under which units are split dependently are found, with the number; those of our own hash are not."""

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from experiments.assignment.salt_dependence import (
    BINS,
    FREEDOM,
    SHOWN,
    UNITS,
    Dependence,
    bins_of,
    dependent_salts,
    names,
    told,
)
from experiments.config.live import Live
from experiments.hashing import position_of


def live(*salts: str, algorithm: str = "growthbook-v1", unit: str = "unit") -> Live:
    """A layer and an experiment for each salt; layers are split by our own algorithm."""
    halves = [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]
    experiments = [
        {"name": f"e{i}", "unit": unit, "hash": algorithm, "salt": salt, "variants": halves}
        for i, salt in enumerate(salts)
    ]
    layers = [
        {"name": f"l{i}", "salt": f"layer-{i}", "experiments": [each]} for i, each in enumerate(experiments)
    ]
    return Live.model_validate({"layers": layers})


def test_places_are_those_of_the_hash() -> None:
    """As units are assigned, also under a salt beyond ASCII and beyond the basic plane."""
    for salt in ("exp-1", "é✓", "a\U0001f600b"):
        place = position_of(salt, "growthbook-v1")
        assert bins_of(salt).tolist() == [place(name) * BINS // 1_000 for name in names()]


@pytest.mark.parametrize(
    "salts", [("exp-1", "exp-2"), ("exp-1", "exp-9"), ("checkout-a", "checkout-b"), ("2026-01", "2026-02")]
)
def test_salts_that_differ_in_their_last_characters(salts: tuple[str, str]) -> None:
    """The statistic is SciPy's, and its p-value to a tenth of its logarithm."""
    [found] = dependent_salts(live(*salts))
    counts = np.zeros((BINS, BINS))
    np.add.at(counts, (bins_of(salts[0]), bins_of(salts[1])), 1)
    exact = chi2_contingency(counts, correction=False)
    assert found.cramer == pytest.approx((exact.statistic / UNITS / (BINS - 1)) ** 0.5, rel=1e-4)
    assert found.p < 1e-100
    sentence = str(found)
    assert sentence.startswith(f"e0 (salt {salts[0]!r}) and e1 (salt {salts[1]!r}) split units dependently")
    assert f"Cramér's V is {found.cramer:.2f} over 2,000 units" in sentence


def test_salts_that_have_nothing_in_common() -> None:
    """And any under our own algorithm, or of units of different kinds."""
    assert dependent_salts(live("red", "blue", "exp-1", "exp-2-x")) == []
    assert dependent_salts(live("exp-1", "exp-9", algorithm="growthbook-v2")) == []
    mixed = live("exp-1", "exp-9").model_dump(mode="json", exclude_defaults=True)
    mixed["layers"][1]["experiments"][0]["unit"] = "session"
    assert dependent_salts(Live.model_validate(mixed)) == []


def test_our_own_layers_are_independent() -> None:
    """The same statistic over salts that differ in a digit: no pair of 45 is beyond 1 in 10,000."""
    places = [position_of(f"exp-{i}", "growthbook-v2") for i in range(10)]
    bins = [np.array([place(name) * BINS // 10_000 for name in names()]) for place in places]
    for i, one in enumerate(bins):
        for other in bins[:i]:
            counts = np.zeros((BINS, BINS))
            np.add.at(counts, (one, other), 1)
            assert chi2_contingency(counts, correction=False).statistic < chi2.isf(1e-4, FREEDOM)


def test_holdout_and_layers_are_splits_too() -> None:
    """Whoever is held out must not say in which arm the others are."""
    body = live("exp-2").model_dump(mode="json", exclude_defaults=True)
    body["holdout"] = {"share": 0.05, "salt": "exp-1", "hash": "growthbook-v1"}
    body["layers"][0] |= {"hash": "growthbook-v1", "salt": "exp-3"}
    found = dependent_salts(Live.model_validate(body))
    assert {frozenset(each.splits) for each in found} == {
        frozenset(pair) for pair in (("holdout", "layer l0"), ("holdout", "e0"), ("layer l0", "e0"))
    }


def test_the_worst_are_told_and_the_others_counted() -> None:
    """Sixty salts, and not 1,770 sentences."""
    several = live(*(f"exp-{i}" for i in range(60)))
    found, sentences = dependent_salts(several), told(several)
    assert len(found) > 1_000
    assert [each.cramer for each in found] == sorted((each.cramer for each in found), reverse=True)
    assert sentences[:SHOWN] == [str(each) for each in found[:SHOWN]]
    assert sentences[SHOWN:] == [f"{len(found) - SHOWN:,} more pairs of salts are dependent"]
    assert isinstance(found[0], Dependence)
