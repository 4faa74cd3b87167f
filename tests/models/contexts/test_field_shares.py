"""Limits of shares of a field: from training's share, and over what its runs show."""

from __future__ import annotations

import numpy as np
import pytest

from models.contexts.field_shares import (
    LEAST_MISSING,
    LEAST_REPEATS,
    LEAST_TOGETHER,
    LITTLE,
    STEP,
    gone,
    missing,
    most_missing,
    repeats,
    together,
    unknown,
)


def nights(hours: int, days: int = 100) -> np.ndarray:
    """A field that is missing for some hours of each day, all in a run."""
    clock = np.arange(days * 24) % 24
    values = np.random.default_rng(1).normal(size=len(clock))
    return np.where(clock < hours, np.nan, values)[:, None]


def test_a_share_is_counted_and_its_limit_lies_over_it() -> None:
    found = missing(["speed"], nights(2))["speed"]
    assert (found.count, found.requests) == (200, 2400)
    assert found.limit == LEAST_MISSING + STEP
    assert missing(["speed"], nights(0))["speed"].limit == LEAST_MISSING + STEP


def test_long_runs_raise_the_limit_until_the_reference_is_silent() -> None:
    """A third of the time is one thing; a third that comes as eight hours in a row needs a higher limit."""
    runs = missing(["speed"], np.repeat(nights(8), 6, axis=0))["speed"]
    mixed = np.random.default_rng(2).permutation(np.repeat(nights(8), 6, axis=0))
    even = missing(["speed"], mixed)["speed"]
    assert runs.count == even.count
    assert runs.limit is None or (even.limit is not None and runs.limit > even.limit)


def test_what_is_mostly_missing_or_one_value_can_not_be_told() -> None:
    found = missing(["speed"], nights(20))["speed"]
    assert found.limit is None
    assert found.why == "83% of training has no value: more can't be told"
    flat = np.where(np.random.default_rng(1).random((2000, 1)) < 0.9, 10.0, 3.0)
    assert (
        repeats(["visib"], flat)["visib"].why
        == "90% of training has its most frequent value: more can't be told"
    )


def test_values_that_differ_are_watched_for_repeating() -> None:
    assert repeats(["speed"], nights(2))["speed"].limit == pytest.approx(LEAST_REPEATS + STEP)
    assert (
        repeats(["speed"], nights(2)[:40])["speed"].why
        == f"{40 - 4 - 10} requests of training have it: it takes 50"
    )


def test_many_fields_that_repeat_at_once_are_a_figure_of_their_own() -> None:
    """Where values never come twice by chance, a few per cent are a lot; and it takes five fields."""
    contexts = np.random.default_rng(1).normal(size=(900, 6))
    own = repeats([str(place) for place in range(6)], contexts)
    found = together(contexts, own)
    assert (found.count, found.limit) == (0, pytest.approx(LEAST_TOGETHER + LITTLE))
    few = together(contexts[:, :4], dict(list(own.items())[:4]))
    assert few.why == "4 fields may be tested for repeating: it takes 5"


def test_a_request_may_lack_as_many_fields_as_training_had() -> None:
    contexts = np.hstack([nights(2), nights(0), nights(0)])
    assert most_missing(contexts) == 1
    assert gone(contexts, 1).limit is not None
    assert gone(nights(2), 1).why == "training has requests without any of their context"


def test_values_beyond_the_commonest_are_unknown() -> None:
    """Missing ones are none; where many are, more of them can't be told."""
    code = np.tile([0.0, 1.0, np.nan, 1.0], 50)[:, None]
    one = unknown({"sky": ["clear", "grey"]}, ["sky"], code)["sky"]
    assert (one.count, one.requests) == (0, 150)
    assert one.limit == pytest.approx(LEAST_REPEATS + STEP)
    many = unknown({"sky": ["clear"]}, ["sky"], code)["sky"]
    assert many.limit is None
    assert many.why == "67% of training has another value: more can't be told"


def test_a_value_that_half_of_training_has_is_told_from_one_that_all_have() -> None:
    """Half way from training's share to all of the requests, where twice the share is more than that."""
    codes = np.random.default_rng(3).integers(0, 2, 2000)[:, None].astype(np.float64)
    limit = repeats(["country"], codes)["country"].limit
    assert limit is not None
    assert 0.8 < limit < 0.9
