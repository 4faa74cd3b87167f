"""A version's own order beside the served one: of known items, ties in the order of the candidates."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bentos.offline.batch_scores import ItemsAsked, Scorer
from bentos.offline.slate_batch import usable
from bentos.offline.slate_scores import ScoredSlates, slate_scores
from monitoring.log.decision_batches import DecisionBatches
from monitoring.log.window import window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes


def by_name(scores: dict[object, float]) -> Scorer:
    """Scores of items by their ids; NaN for others."""

    def score(snapshot: str, asked: ItemsAsked) -> np.ndarray:
        return np.array([scores.get(asked.ids[each], np.nan) for each in asked.items])

    return score


def scored(folder: Path, ours: Scorer, served: Scorer, top: int = 10) -> ScoredSlates:
    with window(folder) as log:
        [batch] = DecisionBatches(log, folder)
    found, _ = usable(batch, top)
    assert found is not None
    return slate_scores(found, top, ours, lambda model: served)


def never(snapshot: str, asked: ItemsAsked) -> np.ndarray:
    raise AssertionError("nothing was cut")


def test_unknown_items_are_in_no_order_and_ties_keep_theirs(tmp_path: Path) -> None:
    """Served: item-1 (2.0), item-0 (1.0), item-2 unknown. The version ties both."""
    write_decisions(
        tmp_path, decision("a", 3, slate=[1, 0, 2], scores=[2.0, 1.0, None], propensities=[0.5, 0.5, 1.0])
    )
    write_outcomes(tmp_path, outcome("a", "item-0", 4.0))
    found = scored(tmp_path, by_name({"item-0": 1.0, "item-1": 1.0}), never)
    assert found.sizes.tolist() == [2]
    assert found.same.tolist() == [False, False]
    assert found.greedy.tolist() == [True, True]
    assert found.reward.tolist() == [0.0, 4.0]
    assert found.logged.tolist() == [[1.0, 2.0], [1.0, 1.0]]
    assert found.wanted.tolist() == [[1.0, 1.0], [1.0, 2.0]]


def test_a_cut_answer_is_scored_by_both_and_integers_are_asked_as_integers(tmp_path: Path) -> None:
    """Beside one that was not cut, of text ids and another snapshot."""
    cut = {"slate": [2], "scores": [9.0], "propensities": [0.5], "candidates": [5, 6, 7], "snapshot": "x"}
    write_decisions(tmp_path, decision("a", 3, time=1.0, **cut), decision("b", 2, time=2.0))
    write_outcomes(tmp_path, outcome("a", 7, 4.0), outcome("b", "item-1", 1.0))
    ours = by_name({5: 3.0, 6: 1.0, 7: 2.0, "item-0": 1.0, "item-1": 2.0})
    found = scored(tmp_path, ours, by_name({5: 1.0, 6: 2.0, 7: 9.0}), top=1)
    assert found.sizes.tolist() == [1, 1]
    assert found.same.tolist() == [False, True]
    assert found.greedy.tolist() == [True, True]
    assert found.wanted.tolist() == [[3.0, 1.0], [2.0, 2.0]]
