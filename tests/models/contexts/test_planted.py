"""Faults planted into contexts: as many wrong fields as they say, near or far."""

from __future__ import annotations

import numpy as np

from models.contexts.planted import FAR, neighbours, part_swapped, shuffled, spoiled

CONTEXTS = np.arange(4000.0).reshape(1000, 4) + 0.5


def test_neighbours_are_near_and_others() -> None:
    found = neighbours(1000, 12, np.random.default_rng(0))
    apart = np.abs(found - np.arange(1000))
    assert apart.min() >= 1
    assert apart.max() <= 12
    assert neighbours(2, 12, np.random.default_rng(0)).max() <= 1


def test_a_shuffle_stays_within_its_block() -> None:
    found = shuffled(1000, np.random.default_rng(0))
    assert sorted(found) == list(range(1000))
    assert (found // FAR == np.arange(1000) // FAR).all()
    assert (found == np.arange(1000)).mean() < 0.1


def test_some_fields_of_every_context_are_spoiled() -> None:
    """Without a way they are another request's; with one also zeros, medians and other units."""
    draw = np.random.default_rng(0)
    others = -CONTEXTS
    plain = spoiled(CONTEXTS, others, draw)
    assert ((plain != CONTEXTS).sum(axis=1) >= 1).all()
    assert np.isin(plain, [CONTEXTS, others]).all()
    mixed = spoiled(CONTEXTS, others, draw, way=1)
    assert (mixed == 0).any()
    assert (mixed == np.median(CONTEXTS, axis=0)).any()
    assert (mixed == 60 * CONTEXTS).any()


def test_a_field_that_is_always_missing_has_no_median() -> None:
    empty = np.full((50, 2), np.nan)
    assert np.isnan(spoiled(empty, empty, np.random.default_rng(0), way=1)).any()


def test_a_third_of_every_context_is_swapped() -> None:
    found = part_swapped(CONTEXTS, np.random.default_rng(0))
    share = (found != CONTEXTS).mean()
    assert abs(share - 0.3) < 4 * np.sqrt(0.21 / CONTEXTS.size)
