"""Many decisions are scored at once as one by one, to the bit."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from bentos.home.state import Home
from bentos.offline.batch_scores import ItemsAsked, scorer
from bentos.offline.rescoring import on_snapshots
from models.features import ContextError
from tests.bentos.decisions.deciding import Desk


def test_a_batch_has_the_scores_of_its_decisions(made: tuple[Home, Desk]) -> None:
    """With contexts of their own, unknown items, and a decision of unknown items alone."""
    home, at = made
    snapshot, package = at.records()[0].snapshot, home.version("2")
    ids = ["item-3", "nobody-knows", "item-8", "item-9"]
    items, sizes = np.array([0, 1, 2, 1, 3, 0, 0]), np.array([3, 1, 3])
    contexts = [orjson.dumps({"hour": hour}).decode() for hour in (3, 4, 20)]
    found = scorer(home, package)(snapshot, ItemsAsked(ids, items, sizes, contexts))
    version = on_snapshots(home, package)(snapshot)
    for part, text, scores in zip(np.split(items, [3, 4]), contexts, np.split(found, [3, 4]), strict=True):
        rows = version.catalogue.rows([ids[each] for each in part])
        np.testing.assert_array_equal(scores, version.score(rows, orjson.loads(text)))
    assert np.isnan(found).tolist() == [False, True, False, True, False, False, False]


def test_a_context_that_cannot_be_scored_is_said(made: tuple[Home, Desk]) -> None:
    home, at = made
    asked = ItemsAsked(["item-3"], np.array([0]), np.array([1]), ['{"hour": "late"}'])
    with pytest.raises(ContextError):
        scorer(home, home.version("2"))(at.records()[0].snapshot, asked)
