"""An id that was used for two requests is counted and said; a retry of the same is none."""

from __future__ import annotations

from typing import Any

import pytest

from bentos.control.guard.repeated_ids import LATELY, RepeatedIds
from tests.bentos.control.guard.examples import decision, head
from tests.bentos.home.clock import Clock


@pytest.mark.parametrize(
    ("changes", "repeats"),
    [
        ({}, 0),
        ({"received": 9e9, "model": "small/4", "slate": [1, 0]}, 0),  # a retry that another version answered
        ({"candidates": ["x", "y"]}, 1),
        ({"context": {"hour": 99}}, 1),
        ({"unit": "somebody else"}, 1),
        ({"attributes": {"country": "XX"}}, 1),
    ],
)
def test_another_request_with_the_same_id(changes: dict[str, Any], repeats: int) -> None:
    clock = Clock()
    ids = RepeatedIds(clock)
    ids.take([head(decision(1)), head(decision(2)), head(decision(3))])
    assert ids.report().total == 0
    ids.take([head(decision(1, **changes))])
    assert (ids.report().total, ids.report().lately, len(ids.problems())) == (repeats, repeats, repeats)
    clock.now += LATELY + 1
    assert (ids.report().total, ids.report().lately, ids.problems()) == (repeats, 0, [])


def test_it_says_which_and_forgets_the_oldest() -> None:
    ids = RepeatedIds(Clock(), kept=2)
    for number in (1, 2, 3):
        ids.take([head(decision(number))])
    ids.take([head(decision(1, unit="other")), head(decision(3, unit="other"))])
    [said] = ids.problems()
    assert said.startswith("1 requests of the last hour had a request_id that another one had, such as ")
    assert repr(decision(3).request_id) in said
