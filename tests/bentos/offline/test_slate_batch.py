"""Decisions as arrays: each item has its own outcome, and lists are cut where they are to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bentos.offline.slate_batch import Ragged, usable
from monitoring.log.decision_batches import DecisionBatches
from monitoring.log.window import window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes


def test_lists_of_unequal_lengths() -> None:
    """The first of each, also of an empty one."""
    lists = Ragged(np.array([3, 0, 2, 1]))
    assert lists.starts.tolist() == [0, 3, 3, 5]
    assert lists.owner.tolist() == [0, 0, 0, 2, 2, 3]
    assert lists.first(np.array([2, 0, 1, 1])).tolist() == [0, 1, 3, 5]


def test_an_item_has_its_own_outcome_in_every_slate(tmp_path: Path) -> None:
    """Items of one name in several decisions, of which one has no outcome; and integer ids."""
    write_decisions(
        tmp_path,
        decision("a", 3, time=1.0),
        decision("b", 3, time=2.0, candidates=[7, 8, 9]),
        decision("c", 3, time=3.0),
    )
    write_outcomes(tmp_path, outcome("a", "item-2", 5.0), outcome("b", 9, 7.0), outcome("a", "item-0", 1.0))
    with window(tmp_path) as log:
        [batch] = DecisionBatches(log, tmp_path)
        found, skipped = usable(batch, 10)
    assert found is not None
    assert skipped["without outcomes"] == 1
    shown = [found.names[each] for each in found.items[found.served]]
    assert shown == ["item-2", "item-1", "item-0", "9", "8", "7"]
    assert found.reward.tolist() == [5.0, 0.0, 1.0, 7.0, 0.0, 0.0]
    assert found.integer_ids.tolist() == [False, True]
    assert found.scores.tolist() == [2.0, 1.5, 1.0] * 2
    assert found.slates.sizes.tolist() == found.candidates.sizes.tolist() == [3, 3]


def test_nothing_of_use_is_no_batch(tmp_path: Path) -> None:
    write_decisions(tmp_path, decision("a", fallback="timeout"), decision("b"))
    with window(tmp_path) as log:
        [batch] = DecisionBatches(log, tmp_path)
        found, skipped = usable(batch, 10)
    assert found is None
    assert (skipped["under a fallback"], skipped["without outcomes"]) == (1, 1)
