"""Better than chance, not worse than the champion, and so in every slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.gate import quality
from models.gate.compare import Comparison
from models.gate.subject import Subject
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import named, requests, subject, with_evidence, with_expect

DRAW = np.random.default_rng(11)
LABELS = DRAW.integers(0, 4, 1600).astype(float)
SHOPS = np.where(np.arange(200).repeat(8) % 4 == 0, "north", "south").astype(object)
WINDOW = requests([8] * 200, LABELS, slices={"shop": SHOPS})
CHAMPION = LABELS + DRAW.normal(0, 0.7, 1600)


@pytest.fixture
def judged(shop: Shop, version: Path) -> Subject:
    return subject(shop, version)


def compared(judged: Subject, own: np.ndarray, champion: np.ndarray | None = CHAMPION) -> Subject:
    return with_evidence(judged, comparisons=[Comparison(WINDOW, own, champion, trusted=True)])


def test_a_random_order_is_beaten(judged: Subject) -> None:
    """Surely better passes, worse rejects, and neither is for a person."""
    for own, result, verb in (
        (CHAMPION, Result.PASS, "beats a random order"),
        (-CHAMPION, Result.REJECT, "does not beat a random order"),
        (LABELS * 0.04 + DRAW.normal(size=1600), Result.HOLD, "does not clearly beat a random order"),
    ):
        (found,) = quality.random_order(compared(judged, own))
        assert found.result is result, found
        assert found.sentence.startswith("NDCG@10 0.")
        assert verb in found.sentence


def test_too_few_outcomes_hold(judged: Subject) -> None:
    """ "Too little to say" is an answer of its own, whatever the scores."""
    few = Comparison(WINDOW, CHAMPION, None, trusted=True).only(np.arange(1600) < 8 * 29)
    (found,) = quality.random_order(with_evidence(judged, comparisons=[few]))
    assert (found.result, found.figure, found.limit) == (Result.HOLD, 29, 30)
    assert "29 requests of a test have outcomes to judge an order by: 30 are needed" in found.sentence


def test_what_is_not_clear_says_how_many_rows_would_do(judged: Subject) -> None:
    """Held, not rejected, where a useful lead is still possible; and a declared bar is a bar."""
    few = np.arange(1600) < 8 * 40
    noise = np.random.default_rng(3).normal(size=1600)
    weak = Comparison(WINDOW, LABELS * 0.03 + noise, None, trusted=True).only(few)
    (found,) = quality.random_order(with_evidence(judged, comparisons=[weak]))
    assert found.result is Result.HOLD
    assert " requests to judge by would show a lead " in found.sentence


def test_a_declared_bar_is_higher(shop: Shop, version: Path, tmp_path: Path) -> None:
    """[expect] least: the lead must surely be above it."""
    results = []
    for least in (0.05, 0.9):
        folder = tmp_path / str(least)
        folder.mkdir()
        asked = subject(shop, version, declaration=with_expect(shop, folder, f"least = {least}"))
        (found,) = quality.random_order(compared(asked, CHAMPION))
        results.append(found.result)
        assert (found.limit, found.source) == (least, "expect.least")
        assert f" a random order by {least}" in found.sentence
    assert results == [Result.PASS, Result.HOLD]


def test_the_champions_advantage_is_kept(judged: Subject) -> None:
    """A little less is a healthy retrain; much less holds, most of it gone rejects."""
    results = []
    for noise in (0.0, 2.2, 6.0):
        (found,) = quality.champion(compared(judged, CHAMPION + noise * DRAW.normal(size=1600)))
        results.append(found.result)
        assert "of the champion's advantage over a random order" in found.sentence
    assert results[0] is Result.PASS
    assert results[2] is Result.REJECT
    assert results == sorted(results)


def test_a_champion_that_knows_nothing_is_no_measure(judged: Subject) -> None:
    """Nor is there one for a first version."""
    (found,) = quality.champion(compared(judged, CHAMPION, DRAW.normal(size=1600)))
    assert found.result is Result.PASS
    assert found.sentence.endswith("there is nothing to fall behind")
    assert list(quality.champion(compared(judged, CHAMPION, None))) == []


def test_a_slice_that_is_upside_down_rejects(judged: Subject) -> None:
    """Though the whole beats the champion's order almost as well as before."""
    turned = np.where(SHOPS == "north", -CHAMPION, CHAMPION)
    checks = list(quality.slices(compared(judged, turned)))
    assert [check.name for check in checks] == ["slice shop = north"]
    assert checks[0].result is Result.REJECT
    assert checks[0].sentence.startswith("upside down where shop = north: scores go against outcomes")
    (sound,) = quality.slices(compared(judged, CHAMPION))
    assert sound.sentence == "2 slices of a test go with their outcomes"


def test_a_slice_that_lost_its_order_holds(judged: Subject) -> None:
    """Noise in place of scores: at most a third of the champion's advantage there."""
    lost = np.where(SHOPS == "north", DRAW.normal(size=1600), CHAMPION)
    found = named(list(quality.slices(compared(judged, lost))), "slice shop = north")
    assert found.result >= Result.HOLD
    assert found.limit in (quality.SLICE_HOLD, 0.0)


def test_small_slices_are_counted_as_such(judged: Subject) -> None:
    """Below 30 requests a slice is not judged, and the sentence says so."""
    shops = np.where(np.arange(1600) < 8 * 20, "tiny", "south").astype(object)
    window = requests([8] * 200, LABELS, slices={"shop": shops})
    asked = with_evidence(judged, comparisons=[Comparison(window, CHAMPION, None, trusted=True)])
    (found,) = quality.slices(asked)
    assert found.sentence == "1 slices of a test go with their outcomes; 1 have too few outcomes to say"
