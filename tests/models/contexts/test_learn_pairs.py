"""What two requests tell together, and when they tell nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.contexts.learn_pairs import learn_change, learn_own
from models.contexts.reference import CHANGE, LATE, OWN, Shown
from models.contexts.shown import NotShownError
from models.contexts.table_requests import TableRequests
from tests.models.contexts.town import served


def halves() -> tuple[TableRequests, TableRequests]:
    own = served()
    half = len(own) // 2
    first, second = slice(None, half), slice(half, None)
    return tuple(  # type: ignore[return-value]
        TableRequests(own.contexts[part], own.candidates[part], own.kinds[part], own.times[part])  # type: ignore[index]
        for part in (first, second)
    )


def test_contexts_that_do_not_depend_on_candidates_belong_to_none() -> None:
    """Shuffled for good: health looks like the fault, so that no test is made, and it is said."""
    trained, held = halves()
    draw = np.random.default_rng(1)
    mixed = [replace(part, contexts=part.contexts[draw.permutation(len(part))]) for part in (trained, held)]
    _, found = learn_own(mixed[0], mixed[1], draw)
    assert str(found[OWN]).endswith("too alike")
    assert str(found[LATE]).endswith("too alike")


def test_without_times_nothing_is_late_and_nothing_follows() -> None:
    trained, held = (replace(part, times=None) for part in halves())
    _, found = learn_own(trained, held, np.random.default_rng(1))
    assert isinstance(found[OWN], Shown)
    assert found[LATE] == "without data.time nothing is late"
    with pytest.raises(NotShownError, match=r"without data\.time"):
        learn_change(trained, held, np.random.default_rng(1))


def test_few_that_follow_each_other_teach_no_change() -> None:
    """Requests of kinds that come twice and never again."""
    trained, held = halves()
    kinds = [(*zone, str(place // 6)) for place, zone in enumerate(trained.kinds)]
    rare = replace(trained, kinds=kinds)  # twice each, an hour apart
    with pytest.raises(NotShownError, match="requests follow one of their kind: it takes 400"):
        learn_change(rare, held, np.random.default_rng(1))


def test_items_without_features_have_no_context_of_their_own() -> None:
    trained, held = halves()
    bare = replace(trained, candidates=np.empty((len(trained), 0)))
    with pytest.raises(NotShownError, match="no item has a feature"):
        learn_own(bare, held, np.random.default_rng(1))


def test_changes_are_learnt_of_requests_an_hour_apart() -> None:
    _, found = learn_change(*longer(), np.random.default_rng(1))
    assert isinstance(found[CHANGE], Shown)
    assert found[CHANGE].healthy < 0.3
    assert found[CHANGE].faulty > 0.5


def longer() -> tuple[TableRequests, TableRequests]:
    own = served()
    cut = len(own) - 300
    return tuple(  # type: ignore[return-value]
        TableRequests(own.contexts[part], own.candidates[part], own.kinds[part], own.times[part])  # type: ignore[index]
        for part in (slice(None, cut), slice(cut, None))
    )
