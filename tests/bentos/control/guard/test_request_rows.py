"""Rows of requests, their neighbours, and the next of their kind, look by look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bentos.control.guard.different_requests import AskedItems
from bentos.control.guard.request_rows import DifferentContexts, Kin, Neighbourhood, RequestRow, rows_of
from models.contexts.fits import AHEAD, next_of_kind
from monitoring.guard.exchange import REACH
from tests.bentos.control.guard.asked import asked
from tests.models.contexts.town import reference, served, table

SPEC = table().declaration.spec


def row(number: int, kind: str = "a") -> RequestRow:
    return RequestRow(np.array([float(number)]), np.zeros(1), kind, float(number))


def test_rows_are_those_of_the_table() -> None:
    """Context by context, and candidates by candidates: serving and training see the same."""
    found = list(rows_of(asked(), reference().layout, SPEC))
    own = served()
    assert len(found) == len(own)
    assert np.array_equal(np.stack([each.context for each in found]), own.contexts, equal_nan=True)
    assert np.allclose(np.stack([each.candidates for each in found]), own.candidates)  # type: ignore[arg-type]
    assert [each.kind for each in found] == own.kinds


def test_a_request_that_tells_nothing_of_candidates_has_a_context_all_the_same() -> None:
    """Cut records, unknown items, a catalogue without the columns. Viewers and refused contexts have none."""
    one = asked()[0]
    assert one.items is not None
    nothing = AskedItems(one.items.features, 0, 1.0)
    bare = AskedItems({}, 4, 0.0)
    odd = [
        replace(one, items=None),
        replace(one, whole=False),
        replace(one, items=nothing),
        replace(one, items=bare),
    ]
    found = list(rows_of(odd, reference().layout, SPEC))
    assert [each.candidates for each in found] == [None] * 4
    others = [replace(one, first=False), replace(one, context={"rain": "much"})]
    assert list(rows_of(others, reference().layout, SPEC)) == []


def test_every_row_is_given_out_once_with_all_its_neighbours() -> None:
    """However they come: one by one, or many at a look."""
    near, given = Neighbourhood(), []
    sizes = [1, 1, 40, 3, 0, 17, 30]
    number = 0
    for size in sizes:
        there, at = near.whole([row(number + place) for place in range(size)])
        number += size
        for place in at.tolist():
            given.append(there[place].time)
            window = [each.time for each in there[place - REACH : place + REACH + 1]]
            assert window == [there[place].time + step for step in range(-REACH, REACH + 1)]
    assert given == [float(each) for each in range(REACH, sum(sizes) - REACH)]


def test_kin_are_the_next_of_a_kind_within_reach() -> None:
    kinds = ["a", "b", "a", "c", "b", *["d"] * AHEAD, "a"]
    kin, found = Kin(), []
    for number, kind in enumerate(kinds):
        found += [(before.time, after.time) for before, after in kin.pairs([row(number, kind)])]
    after = next_of_kind(kinds)
    assert sorted(found) == [
        (float(place), float(then)) for place, then in enumerate(after.tolist()) if then >= 0
    ]


def test_a_context_is_new_once_an_hour() -> None:
    seen, one = DifferentContexts(), row(7)
    assert [seen.new(one), seen.new(replace(one, time=3599.0)), seen.new(replace(one, time=3600.0))] == [
        True,
        False,
        True,
    ]
    assert seen.new(row(8))
