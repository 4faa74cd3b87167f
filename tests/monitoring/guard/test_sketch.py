"""Sketches add up, are as exact as they say, and survive the disk."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.guard.sketch import ScoreSketch, SketchError

SCORES = np.random.default_rng(0).standard_normal(100_000)
RANKS = (0.01, 0.1, 0.5, 0.9, 0.99)


def sketch_of(scores: np.ndarray) -> ScoreSketch:
    sketch = ScoreSketch()
    sketch.update(scores)
    return sketch


def ranks_of(scores: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(SCORES), scores) / len(SCORES)


def test_ranks_are_as_exact_as_stated() -> None:
    """30 sketches of the same scores, five ranks each: off by more than the error in 1% of the cases."""
    off = 0
    for seed in range(30):
        sketch = sketch_of(np.random.default_rng(seed).permutation(SCORES))
        off += int((np.abs(ranks_of(sketch.quantiles(RANKS)) - RANKS) > sketch.rank_error).sum())
    assert sketch.rank_error < 0.008
    assert off <= 6, "1.5 of 150 expected"


def test_merged_is_as_good_as_together() -> None:
    """Workers and minutes: any split, merged in any order."""
    parts = [sketch_of(part) for part in np.array_split(SCORES, [10, 1000, 20_000, 90_000])]
    whole = ScoreSketch()
    for part in reversed(parts):
        whole.merge(part)
    assert whole.count == len(SCORES)
    assert np.abs(ranks_of(whole.quantiles(RANKS)) - RANKS).max() < 2 * whole.rank_error
    assert parts[0].count == 10, "what was merged stays as it was"


def test_what_is_not_finite_is_counted_apart() -> None:
    sketch = sketch_of(np.array([[1.0, np.nan], [np.inf, -np.inf]]))
    assert (sketch.count, sketch.not_finite) == (4, 3)
    assert sketch.quantiles([0, 1]).tolist() == [1.0, 1.0]


def test_shares_and_distances() -> None:
    sketch, moved = sketch_of(SCORES), sketch_of(SCORES + 0.5)
    assert sketch.shares_below([-1.0, 0.0, 1.0]) == pytest.approx([0.1587, 0.5, 0.8413], abs=0.01)
    distance, where = sketch.farthest(moved)
    assert distance == pytest.approx(0.1974, abs=0.015), "of two normals half a deviation apart"
    assert 0.0 < where < 0.5
    assert sketch.farthest(sketch_of(SCORES))[0] <= 2 * sketch.rank_error
    flipped = sketch_of(-SCORES)
    assert sketch.farthest(flipped)[0] < 0.02, (
        "a flipped symmetric score cannot be seen this way: see the guard"
    )


def test_it_survives_the_disk() -> None:
    sketch = sketch_of(np.r_[SCORES, np.nan])
    back = ScoreSketch.from_bytes(sketch.to_bytes())
    assert back.count == sketch.count
    assert back.quantiles(RANKS).tolist() == sketch.quantiles(RANKS).tolist()
    back.merge(sketch)
    assert back.count == 2 * sketch.count
    assert len(sketch.to_bytes()) < 20_000
    empty = ScoreSketch.from_bytes(ScoreSketch().to_bytes())
    assert empty.count == 0


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (b"", "0 bytes are too few for a sketch"),
        (b"x" * 40, "this Ballast reads form 1"),
        (sketch_of(SCORES).to_bytes()[:90], "not a sketch"),
        (sketch_of(SCORES).to_bytes()[:20], "not a sketch"),
    ],
)
def test_what_is_no_sketch_is_refused(saved: bytes, message: str) -> None:
    with pytest.raises(SketchError, match=message):
        ScoreSketch.from_bytes(saved)


def test_an_empty_sketch_has_no_quantiles() -> None:
    for ask in (lambda: ScoreSketch().quantiles([0.5]), lambda: ScoreSketch().shares_below([0.0])):
        with pytest.raises(SketchError, match="has seen no finite score"):
            ask()
