"""Scores that are none, that are all alike, and of another size than the champion's."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.gate import scores
from models.gate.compare import Comparison
from models.gate.fits import Design
from models.gate.subject import Subject
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.rows import changed, drawn
from tests.models.gate.subjects import named, requests, subject, with_evidence

DRAW = np.random.default_rng(3)
WINDOW = requests([8] * 50, DRAW.integers(0, 3, 400).astype(float))
CHAMPION = DRAW.normal(size=400)


@pytest.fixture
def judged(shop: Shop, version: Path) -> Subject:
    return subject(shop, version)


def compared(judged: Subject, own: np.ndarray, champion: np.ndarray | None = CHAMPION) -> Subject:
    return with_evidence(judged, comparisons=[Comparison(WINDOW, own, champion, trusted=True)])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_that_is_not_finite_rejects(judged: Subject, bad: float) -> None:
    """Wherever it is; each place has a finding of its own."""
    own = np.array([1.0, bad, 2.0])
    found = list(scores.finite(with_evidence(judged, scored={"a test": own, "the catalogue": np.zeros(3)})))
    assert [(each.name, each.result) for each in found] == [
        ("finite scores on a test", Result.REJECT),
        ("finite scores on the catalogue", Result.PASS),
    ]
    assert found[0].sentence == "1 of 3 scores of a test are not finite"


def test_ties_are_counted_inside_a_request(judged: Subject) -> None:
    """All equal rejects; mostly equal holds where the champion's are not."""
    (equal,) = scores.constant(compared(judged, np.repeat(np.arange(50.0), 8)))
    assert equal.result is Result.REJECT
    assert equal.sentence == "all scores of a test are equal inside their request"
    mostly = np.tile([1.0, 1, 1, 1, 1, 1, 2, 3], 50)
    (held,) = scores.constant(compared(judged, mostly))
    assert (held.result, held.figure, held.limit) == (Result.HOLD, 0.75, 0.5)
    (as_before,) = scores.constant(compared(judged, mostly, mostly))
    assert (as_before.result, as_before.limit) == (Result.PASS, 1.0)
    (sound,) = scores.constant(compared(judged, CHAMPION))
    assert (sound.result, sound.figure) == (Result.PASS, 0)


def test_rows_that_are_alike_have_one_score_and_should(judged: Subject) -> None:
    """Ties of rows with the same features are no lack of the version's."""
    mostly = np.tile([1.0, 1, 1, 1, 1, 1, 2, 3], 50)
    rows = drawn()
    coarse = changed(rows, **{f"x{place}": np.round(rows.features[f"x{place}"]) for place in range(4)})
    (found,) = scores.constant(with_evidence(compared(judged, mostly), rows=Design.of(coarse)))
    assert (found.result, found.limit) == (Result.PASS, 1.0)
    assert found.source == "rows that are alike, a half"


@pytest.mark.parametrize(
    ("own", "held"),
    [
        (1.4 * CHAMPION, []),
        (3.2 * CHAMPION, ["width of scores on a test"]),
        (CHAMPION / 3.2, ["width of scores on a test"]),
        (CHAMPION + 6, ["middle of scores on a test"]),
        (np.zeros(400), []),
    ],
)
def test_another_size_holds(judged: Subject, own: np.ndarray, held: list[str]) -> None:
    """Three times as wide or as narrow, or moved by two widths; scores without width are `constant`'s."""
    checks = list(scores.spread(compared(judged, own)))
    assert [check.name for check in checks if check.result] == held
    assert all(check.result is not Result.REJECT for check in checks)


def test_sizes_of_other_losses_are_not_compared(judged: Subject, shop: Shop) -> None:
    """A probability is no raw score."""
    other = with_evidence(
        subject(shop, shop.champion), declared=judged.declared.with_ranker(objective="YetiRank")
    )
    assert list(scores.spread(with_evidence(compared(judged, 9 * CHAMPION), before=other))) == []
    wide = named(list(scores.spread(compared(subject(shop, judged.package), 9 * CHAMPION))), "width")
    assert wide.figure == pytest.approx(9)


def test_a_champion_that_was_hardly_trained_holds_no_successor(judged: Subject, shop: Shop) -> None:
    """Five times as wide, and as wide as outcomes, which 500 times as wide is not; nor is the middle held.

    A loss whose scores have no scale: as many times as wide as it was trained more, and not 100 times.
    """
    label = np.tile([0.0, 0, 1, 0, 0, 1, 0, 3], 50)
    right = label + np.random.default_rng(0).normal(0, 0.3, 400)
    window = requests([8] * 50, label)
    for times, held in ((1.0, []), (100.0, ["width of scores on a test"])):
        both = Comparison(window, times * right + 0.4, 0.2 * right, trusted=True)
        checks = list(scores.spread(with_evidence(judged, comparisons=[both])))
        assert [check.name for check in checks if check.result] == held
    more, less = (judged.declared.with_ranker(objective="YetiRank", trees=trees) for trees in (200, 10))
    its = SimpleNamespace(declared=less)
    for times, held in ((20.0, []), (100.0, ["width of scores on a test"])):
        both = Comparison(window, times * right, right, trusted=True)
        checks = list(scores.spread(with_evidence(judged, declared=more, comparisons=[both], before=its)))
        assert [check.name for check in checks if check.result] == held
