"""Places in a segment, and features that are made of labels: the statistics by themselves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.gate.compare import Comparison
from models.gate.encoded import LEAST, LOW, closeness
from models.gate.segments import _tails, _wrong, places_of
from models.gate.window import RequestWindow

TABLES, ROWS = 200, 1200


def window(sizes: list[int], labels: np.ndarray) -> RequestWindow:
    starts = np.cumsum([0, *sizes]).astype(np.int64)
    return RequestWindow("a test", [*range(len(labels))], starts, [{}] * len(sizes), labels)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_places_are_centred(sizes: list[int], seed: int) -> None:
    """They add to nothing in a request and lie within half of it; who is alone has none."""
    values = np.random.default_rng(seed).integers(0, 4, sum(sizes)).astype(float)
    found = window(sizes, values)
    places = places_of(found, values)
    request = found.request_of_row if found.ordered else np.zeros(len(values), np.int64)
    counts = np.bincount(request)[request]
    assert np.isnan(places[counts == 1]).all()
    inside = places[counts > 1]
    assert (np.abs(inside) <= 0.5).all()
    assert np.allclose(np.bincount(request, np.nan_to_num(places)), 0)


def versions(draw: np.random.Generator, flipped: bool) -> tuple[Comparison, np.ndarray]:
    """A champion and a retrain with a likeness of about 0.7; one row in 25 is of a rare brand."""
    worth = draw.normal(size=ROWS)
    champion, own = (worth + draw.normal(0, 0.6, ROWS) for _ in range(2))
    rare = draw.random(ROWS) < 0.04
    labels = (worth + draw.normal(0, 1.5, ROWS) > 1).astype(float)
    asked = window([12] * (ROWS // 12), labels)
    return Comparison(asked, np.where(rare & flipped, -own, own), champion, True), rare


def test_a_rare_brand_upside_down_is_seen_and_a_healthy_one_is_not() -> None:
    """200 windows of 1,200 rows, about 48 of them rare: 176 flipped ones are found, no healthy one."""
    draw = np.random.default_rng(0)
    found = {True: 0, False: 0}
    for _ in range(TABLES):
        for flipped in (False, True):
            comparison, rare = versions(draw, flipped)
            wrong = [why for _, why in _wrong(comparison, {"rare": rare, "common": ~rare})]
            found[flipped] += any("where rare" in why for why in wrong)
            assert not any("where common" in why for why in wrong)
            assert not [*_tails(comparison)]
    assert found[False] == 0
    assert found[True] >= 0.8 * TABLES, found


def test_leaders_in_the_other_half_are_seen() -> None:
    """Where the champion's best tenth stands low, whatever these rows have in common."""
    comparison, _ = versions(np.random.default_rng(1), flipped=False)
    assert comparison.champion is not None
    best = places_of(comparison.window, comparison.champion) > 0.4
    turned = Comparison(comparison.window, np.where(best, -5.0, comparison.own), comparison.champion, True)
    (found,) = _tails(turned)
    assert "best tenth" in found[1]


def test_honest_numbers_follow_labels_no_closer_than_chance() -> None:
    """2,000 honest features: a line that labels truly lie about, whole numbers, other categories' means."""
    draw = np.random.default_rng(2)
    lowest = 0.0
    for _ in range(TABLES):
        risk = draw.integers(0, 20, (10, ROWS)).astype(np.float32)
        label = (draw.random(ROWS) < 0.1 + 0.02 * risk[0]).astype(float)
        features = {str(place): column for place, column in enumerate(risk)}
        starts = np.arange(ROWS + 1)
        lowest = min(lowest, *closeness(features, label, starts).values())
    assert LOW < lowest < 0


def test_a_mean_of_the_labels_is_found() -> None:
    """A category's mean label over all rows, 3 to a value; a mean of other rows, taken before, passes."""
    draw = np.random.default_rng(3)
    place = draw.integers(0, 400, 2 * ROWS)
    label = (draw.random(2 * ROWS) < 0.3).astype(float)
    leaked, before = (
        _encoded(place[:ROWS], label[:ROWS], place[part]) for part in (np.s_[:ROWS], np.s_[ROWS:])
    )
    starts = np.arange(ROWS + 1)
    assert closeness({"mean": leaked}, label[:ROWS], starts)["mean"] < LOW
    assert closeness({"mean": before}, label[ROWS:], starts)["mean"] > LOW
    assert closeness({"few": (place[:ROWS] % (LEAST - 1)).astype(np.float32)}, label[:ROWS], starts) == {}


def _encoded(seen: np.ndarray, label: np.ndarray, asked: np.ndarray) -> np.ndarray:
    counts = np.bincount(seen, minlength=400)
    return (np.bincount(seen, label, 400) / np.maximum(counts, 1))[asked].astype(np.float32)
