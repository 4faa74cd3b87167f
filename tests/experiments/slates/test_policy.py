"""The slice's policies have one arithmetic, for the draw and for what the log says of it afterwards."""

from itertools import permutations

import numpy as np
import pytest

from experiments.config.live import Exploration
from experiments.slates.policy import chances, chances_as_drawn, log_weights, places_drawn, represented


def policy(name: str, **settings: object) -> Exploration:
    """An exploration slice, checked."""
    return Exploration.model_validate({"share": 0.01, "salt": "s", "policy": name, **settings})


UNIFORM, TOP = policy("uniform"), policy("top-k", top=2)
DRAWN = policy("plackett-luce", temperature=0.5)


def test_chances_follow_the_policy() -> None:
    """Uniform, the first positions only, and Plackett-Luce as far as it is worked out."""
    scores = np.array([2.0, 1.0, 3.0])
    uniform = Exploration(share=0.01, salt="s")
    assert chances_as_drawn(uniform, 4, scores).tolist() == [0.25] * 3
    top = Exploration(share=0.01, salt="s", policy="top-k", top=2)
    assert chances_as_drawn(top, 4, scores).tolist() == [0.5, 0.5, 1.0]
    drawn = Exploration(share=0.01, salt="s", policy="plackett-luce", temperature=1.0)
    assert chances_as_drawn(drawn, 3, scores)[0] == pytest.approx(np.exp(2) / np.exp(scores).sum())
    assert np.isnan(chances_as_drawn(drawn, 4, scores)).all()


@pytest.mark.parametrize(
    ("exploration", "n", "places"), [(UNIFORM, 5, 5), (TOP, 5, 2), (TOP, 1, 1), (TOP, 0, 0), (DRAWN, 5, 5)]
)
def test_only_the_top_of_top_k_is_drawn(exploration: Exploration, n: int, places: int) -> None:
    """Every other policy draws all places; no policy draws more than there are."""
    assert places_drawn(exploration, n) == places


@pytest.mark.parametrize("exploration", [UNIFORM, TOP, DRAWN])
def test_chances_are_those_of_all_orders_added_up(exploration: Exploration) -> None:
    """At each position the items' chances sum to 1, and each item's over the positions do."""
    scores = np.array([2.0, 1.0, 0.5, -1.0])
    table = np.zeros((4, 4))
    for order in permutations(range(4)):
        places = np.array(order)
        found = chances(exploration, places, scores)
        for position, item in enumerate(order):
            table[position, item] = found[position]
    assert table.sum(axis=0) == pytest.approx(np.ones(4), abs=1e-9)
    assert table.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-9)


def test_below_the_top_nothing_moves() -> None:
    """An item of the top has no chance below it, nor one from below in it."""
    assert chances(TOP, np.array([1, 0, 2, 3])).tolist() == [0.5, 0.5, 1.0, 1.0]
    assert chances(TOP, np.array([2, 1, 0, 3])).tolist() == [0.0, 0.5, 0.0, 1.0]


def test_plackett_luce_without_scores_is_uniform() -> None:
    """Equal weights: of five items each has a fifth at each position."""
    assert np.exp(log_weights(DRAWN, 5, None)).tolist() == pytest.approx([0.2] * 5)
    assert chances(DRAWN, np.arange(5)) == pytest.approx(np.full(5, 0.2), abs=1e-9)
    scaled = log_weights(DRAWN, 2, np.array([1.0, 0.0]))
    assert scaled[0] - scaled[1] == pytest.approx(2.0)  # the difference over the temperature


def test_what_was_shown_stands_for_what_was_not() -> None:
    """One over the chance to be shown; the weights of the shown add up to all candidates."""
    assert represented(UNIFORM, 12, 3, 3) == pytest.approx([4.0, 4.0, 4.0])
    assert represented(TOP, 12, 3, 3) == pytest.approx([1.0, 1.0, 1.0])
    assert represented(policy("top-k", top=8), 12, 2, 3) == pytest.approx([4.0, 4.0, 4.0])
    assert represented(policy("top-k", top=2), 4, 1, 1) == pytest.approx([2.0])
    assert represented(DRAWN, 5, 5, 6) == pytest.approx(np.ones(6))
    assert represented(DRAWN, 5, 4, 4) is None
