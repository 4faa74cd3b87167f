"""A version beside the champion: what it keeps, and part by part."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.compare import MOST_VALUES, Comparison, usable_slices
from tests.models.gate.subjects import requests

DRAW = np.random.default_rng(7)


def compared(count: int = 120, noise: float = 0.0, rows: int = 6) -> Comparison:
    """A champion that knows the labels, and a version that has `noise` in addition."""
    labels = DRAW.integers(0, 4, count * rows).astype(float)
    champion = labels + DRAW.normal(0, 0.5, count * rows)
    shops = np.where(np.arange(count * rows) % 2, "north", "south").astype(object)
    window = requests([rows] * count, labels, slices={"shop": shops})
    return Comparison(window, champion + DRAW.normal(0, noise, count * rows), champion, trusted=True)


def test_an_equal_version_keeps_everything() -> None:
    """All of the advantage, no difference, and a correlation of one."""
    same = compared()
    assert same.kept.value == pytest.approx(1)
    assert (same.difference.value, same.difference.n) == (0, 120)
    assert same.likeness.value == pytest.approx(1)
    assert same.advantage.low > 0
    assert same.agreement.low > 0.5
    assert same.quality.value == pytest.approx(np.nanmean(same.window.quality(same.own)))


def test_noise_costs_a_share_of_the_advantage() -> None:
    """The interval of what is kept lies surely below all of it, and above nothing."""
    noisy = compared(noise=3)
    assert 0 < noisy.kept.low < noisy.kept.high < 1
    assert noisy.difference.high < 0


def test_what_is_kept_of_an_area() -> None:
    """Of requests of one row; nothing to keep where the champion is no better than chance."""
    alone = compared(count=2000, noise=3, rows=1)
    gain, lost = alone.window.estimate(alone.window.quality(alone.champion)).value - 0.5, alone.difference  # type: ignore[arg-type]
    assert alone.kept.value == pytest.approx(1 + lost.value / gain)
    assert alone.kept.high < 1
    clueless = Comparison(alone.window, alone.own, DRAW.random(2000), trusted=True)
    assert clueless.kept.n == 0


def test_a_first_version_has_nothing_to_be_held_to() -> None:
    """No champion, no difference, nothing kept: "nothing to say", not zero."""
    first = compared()
    alone = Comparison(first.window, first.own, None, trusted=False)
    assert (alone.difference.n, alone.kept.n, alone.likeness.n) == (0, 0, 0)
    assert np.isnan(alone.kept.value)
    assert alone.only(np.arange(720) < 12).champion is None


def test_slices_are_comparisons_of_their_own() -> None:
    """Each value of each slice, unless there is only one."""
    whole = compared()
    found = dict(whole.slices())
    assert sorted(found) == ["shop = north", "shop = south"]
    north = found["shop = north"]
    np.testing.assert_array_equal(north.own, whole.own[1::2])
    assert whole.champion is not None
    assert north.champion is not None
    np.testing.assert_array_equal(north.champion, whole.champion[1::2])
    assert north.window.requests == 120
    assert dict(north.slices()) == {}


def test_slices_are_the_declared_ones_and_categories_of_few_values() -> None:
    """A declared one may have any number of values."""
    many = np.arange(100).astype(str).astype(object)
    few = (np.arange(100) % MOST_VALUES).astype(str).astype(object)
    found = usable_slices({"city": many, "street": many, "shop": few}, ("city", "lost"))
    assert list(found) == ["city", "shop"]
