"""Observations of requests: who is compared with whom."""

from __future__ import annotations

import numpy as np

from models.contexts.fits import before_of, changes, exchanges, follow, lateness, next_of_kind, unlike
from models.contexts.reference import JOINT, OWN
from monitoring.guard.exchange import REACH
from tests.models.contexts.town import reference, served


def test_the_next_of_a_kind_is_within_reach() -> None:
    after = next_of_kind(["a", "b", "a", "b", "c"])
    assert after.tolist() == [2, 3, -1, -1, -1]
    assert before_of(after).tolist() == [-1, -1, 0, 1, -1]
    assert next_of_kind(["a", *["b"] * 64, "a"])[0] == -1
    assert next_of_kind(["a", *["b"] * 63, "a"])[0] == 64


def test_requests_follow_each_other_at_the_usual_time() -> None:
    assert follow(np.array([0.1, 1800, 3600, 7200, 18000]), 3600.0).tolist() == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_change_says_what_came_or_went() -> None:
    found = changes(np.array([[3.0, np.nan, np.nan]]), np.array([[1.0, 2.0, np.nan]]))
    assert found[0, 0] == 2.0
    assert np.isnan(found[0, 1:3]).all()
    assert found[0, 3] == 1.0


def test_contexts_of_other_requests_are_worse_than_the_own() -> None:
    """Fields of other requests, another request's context, and the one before."""
    own, forest = served(), reference().forests[OWN]
    draw = np.random.default_rng(2)
    wrong = np.where(
        draw.random(own.contexts.shape) < 0.3, own.contexts[draw.permutation(len(own))], own.contexts
    )
    joint = reference().forests[JOINT]
    assert unlike(joint, wrong).mean() > unlike(joint, own.contexts).mean() + 0.15
    at = np.arange(REACH, len(own) - REACH)
    mixed = own.contexts[draw.permutation(len(own))]
    healthy, broken = (
        np.nanmean(exchanges(forest, each, own.candidates, at)) for each in (own.contexts, mixed)
    )
    assert healthy < 0.1
    assert abs(broken - 0.5) < 0.1
    after = next_of_kind(own.kinds)
    late = own.contexts[np.maximum(before_of(after), 0)]
    there = np.flatnonzero((after >= 0) & (before_of(after) >= 0))
    right, behind = (
        np.nanmean(lateness(forest, each, own.candidates, there, after[there]))
        for each in (own.contexts, late)
    )
    assert right < 0.45
    assert behind > 0.6
