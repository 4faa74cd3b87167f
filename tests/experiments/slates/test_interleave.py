"""Team-draft interleaving is fair, logs exact propensities, and needs fewer requests than a split."""

from collections import Counter
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.interleaving.preferences import credit
from experiments.slates.interleave import NEITHER, propensities, team_draft


@given(st.permutations(range(7)), st.permutations(range(7)), st.text(max_size=8))
@settings(max_examples=200)
def test_a_draft_holds_every_item_once_and_teams_alternate_by_round(
    first: list[int], second: list[int], request: str
) -> None:
    """In each round each ranker chooses one; beyond the shared beginning everybody has a team."""
    draft = team_draft(np.array(first), np.array(second), "s", request)
    assert sorted(draft.order.tolist()) == list(range(7))
    shared = next((k for k in range(7) if first[k] != second[k]), 7)
    assert draft.order[:shared].tolist() == first[:shared]
    assert (draft.team == NEITHER).tolist() == [k < shared for k in range(7)]
    for place in range(0, 6, 2):
        if place >= shared:
            assert set(draft.team[place : place + 2].tolist()) == {0, 1}


@pytest.mark.parametrize("second", [[3, 1, 0, 2, 4], [0, 1, 2, 3, 4], [0, 2, 1, 4, 3], [4, 3, 2, 1, 0]])
def test_propensities_equal_served_frequencies(second: list[int]) -> None:
    """Each item at each position within six binomial deviations of 20,000 requests."""
    first, count = np.arange(5), 20_000
    cells: Counter[tuple[int, int]] = Counter()
    claimed: dict[tuple[int, int], float] = {}
    for i in range(count):
        draft = team_draft(first, np.array(second), "s", f"r-{i}")
        placed = list(enumerate(draft.order.tolist()))
        cells.update(placed)
        claimed.update(zip(placed, draft.propensities.tolist(), strict=True))
    for cell, propensity in claimed.items():
        assert abs(cells[cell] - count * propensity) <= 6 * sqrt(count * propensity * (1 - propensity)), cell
    for position in range(5):
        assert sum(p for (k, _), p in claimed.items() if k == position) == pytest.approx(1)


def test_long_slates_have_propensities_at_the_first_ten() -> None:
    """And no work that doubles with the length."""
    draw = np.random.default_rng(1)
    draft = team_draft(draw.permutation(3_000), draw.permutation(3_000), "s", "r")
    assert np.isfinite(draft.propensities[:10]).all()
    assert np.isnan(draft.propensities[10:]).all()


def test_other_slates_have_propensities_too() -> None:
    """A slate that no coin gives has 0 somewhere; the drafted one has what its draft says."""
    first, second = np.arange(5), np.array([3, 1, 0, 2, 4])
    draft = team_draft(first, second, "s", "r")
    assert propensities(first, second, draft.order).tolist() == draft.propensities.tolist()
    assert propensities(first, second, first[::-1])[0] == 0


def test_orders_of_different_items_are_refused() -> None:
    """Only rankers of one request interleave."""
    with pytest.raises(ValueError, match="don't hold the same items"):
        team_draft(np.array([0, 1]), np.array([1, 2]), "s", "r")


def test_a_ranker_against_itself_or_its_mirror_is_no_preference() -> None:
    """Identical rankers are credited nothing; over all pairs of orders nobody is favoured."""
    same = team_draft(np.arange(6), np.arange(6), "s", "r")
    assert credit(same.team, np.ones(6)) == 0
    values = np.array([3.0, 1.0, 0.0, 0.0])
    sums = []
    for i, (one, other) in enumerate((a, b) for a in permutations(range(4)) for b in permutations(range(4))):
        for salt in range(20):
            draft = team_draft(np.array(one), np.array(other), f"s-{salt}", f"r-{i}")
            sums.append(credit(draft.team, values[draft.order]))
    assert abs(np.mean(sums)) < 5 * np.std(sums) / sqrt(len(sums))


def test_interleaving_sees_the_better_ranker_with_fewer_requests() -> None:
    """Squared mean over variance, per request: at least five times that of the split, on the same rankers."""
    draw = np.random.default_rng(3)
    values = draw.gamma(0.5, 1.0, (3_000, 12)) * draw.gamma(0.5, 2.0, (3_000, 1))
    scores = values + draw.normal(0, 1.5, values.shape)
    better = scores + 0.15 * values
    credits, arms = [], [[], []]
    for i in range(3_000):
        orders = [np.argsort(-scores[i]), np.argsort(-better[i])]
        draft = team_draft(orders[0], orders[1], "s", f"r-{i}")
        credits.append(credit(draft.team, values[i][draft.order], top=3))
        for arm in (0, 1):
            arms[arm].append(values[i][orders[arm][:3]].sum())
    interleaved = np.mean(credits) ** 2 / np.var(credits)
    gap = np.mean(arms[1]) - np.mean(arms[0])
    split = gap**2 / (2 * np.var(arms[0]) + 2 * np.var(arms[1]))  # each request is in one arm only
    assert np.mean(credits) > 0
    assert interleaved / split > 5, interleaved / split
