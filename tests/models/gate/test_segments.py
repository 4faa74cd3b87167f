"""Places in a segment: the statistics by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.gate.compare import Comparison
from models.gate.segments import LEAST, Places, _segments, _tails, _wrong, places_of, segments
from models.gate.verdict import Result
from models.gate.window import RequestWindow
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject, with_evidence

TABLES, ROWS = 200, 1200
ALPHA = 0.01 / 2 / 8  # of eight: two segments against outcomes, the champion, its mean place, the other rows


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
            places = Places(comparison, {"rare": rare, "common": ~rare})
            wrong = [why for _, why in _wrong(places, ALPHA)]
            found[flipped] += any("where rare" in why for why in wrong)
            assert not any("where common" in why for why in wrong)
            assert not [*_tails(places, ALPHA)]
    assert found[False] == 0
    assert found[True] >= 0.8 * TABLES, found


def test_few_rows_and_many_viewers_say_nothing() -> None:
    """Eleven rows of one carrier, turned round, are no segment; nor are fifty of them in nine requests."""
    comparison, _ = versions(np.random.default_rng(3), flipped=False)
    request = comparison.window.request_of_row
    first = np.flatnonzero(np.concatenate(([True], request[1:] != request[:-1])))
    few = np.isin(np.arange(ROWS), first[:11])
    crowded = (request < 9) & (np.arange(ROWS) % 2 == 0)
    assert crowded.sum() > LEAST
    turned = Comparison(
        comparison.window, np.where(few | crowded, -comparison.own, comparison.own), comparison.champion, True
    )
    assert [*_wrong(Places(turned, {"few": few, "crowded": crowded}), ALPHA)] == []


def test_all_segments_share_one_chance_of_a_false_alarm() -> None:
    """Thirty segments of nothing, against outcomes that are noise: of 200 windows at most 1% have one found.

    Requests have 12 rows that move together, as those of one carrier do. Four or less of 200 is what a rate
    of 1% leaves a chance of 95%.
    """
    draw, alarms = np.random.default_rng(5), 0
    for _ in range(200):
        asked = window([12] * 60, draw.integers(0, 2, 720).astype(float))
        of_request = np.repeat(draw.integers(0, 2, 60), 12) == 1
        found = {
            f"s{k}": (draw.random(720) < 0.15) | of_request & (draw.random(720) < 0.2) for k in range(30)
        }
        compared = Comparison(asked, draw.normal(size=720), None, True)
        alarms += bool([*_wrong(Places(compared, found), 0.01 / (3 * len(found)))])
    assert alarms <= 4, alarms


def test_leaders_in_the_other_half_are_seen() -> None:
    """Where the champion's best tenth stands low, whatever these rows have in common."""
    comparison, _ = versions(np.random.default_rng(1), flipped=False)
    assert comparison.champion is not None
    best = places_of(comparison.window, comparison.champion) > 0.4
    turned = Comparison(comparison.window, np.where(best, -5.0, comparison.own), comparison.champion, True)
    (found,) = _tails(Places(turned, {}), ALPHA)
    assert "best tenth" in found[1]


def test_segments_of_a_version_are_named(shop: Shop, version: Path) -> None:
    """A category turned round among its neighbours is found, though nobody declared it; a retrain passes."""
    judged = subject(shop, version)
    (healthy, *_) = segments(judged)
    assert healthy.result is Result.PASS
    assert healthy.sentence.endswith(" segments stand the right way up")
    (own, *_) = judged.comparisons
    assert own.champion is not None
    green = own.window.slices["colour"] == "green"
    turned = Comparison(own.window, np.where(green, -own.champion, own.champion), own.champion, own.trusted)
    (found,) = segments(with_evidence(judged, comparisons=[turned]))
    assert found.result is Result.REJECT
    assert "upside down where colour = green: goes against " in found.sentence
    assert (found.figure or 0) >= 2


def test_numbers_are_cut_into_quarters() -> None:
    """Half open, with what is missing apart; a category without a value is "(missing)"."""
    columns = {
        "price": np.array([1.0, 2, 3, 4, np.nan]),
        "shop": np.array(["a", "", "a", "b", "a"], object),
    }
    found = {name: rows.tolist() for name, rows in _segments(columns)}
    assert found["shop = a"] == [True, False, True, False, True]
    assert found["shop = (missing)"] == [False, True, False, False, False]
    quarters = [rows for name, rows in found.items() if "≤" in name or "<" in name]
    assert np.sum(quarters, axis=0).tolist() == [1, 1, 1, 1, 0]
    (missing,) = [rows for name, rows in found.items() if "price" in name and rows[4]]
    assert missing == [False, False, False, False, True]


def test_a_quarter_that_no_longer_goes_with_the_champion_is_held() -> None:
    """80 windows of 50 requests, tested as one of 600 segments: too few rows to be upside down for sure."""
    draw = np.random.default_rng(1)
    alpha = 0.01 / 2 / (4 * 600)
    found = {True: 0, False: 0}
    for _ in range(80):
        for broken in (False, True):
            worth, column = draw.normal(size=(2, 1000))
            champion, own = (worth + draw.normal(0, 0.5, 1000) for _ in range(2))
            inside = column > 0.67
            own = np.where(inside & broken, 0.3 * draw.normal(size=1000) - 0.05 * worth, own)
            labels = (worth + draw.normal(0, 1.5, 1000) > 1).astype(float)
            places = Places(Comparison(window([20] * 50, labels), own, champion, True), {"high": inside})
            found[broken] += any("less than half in common" in why for _, why in _wrong(places, alpha))
    assert found[False] == 0
    assert found[True] >= 76
