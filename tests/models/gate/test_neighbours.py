"""Features of a neighbouring row: swapped, shifted or mirrored."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.labelled import LabelledRows
from models.gate.neighbours import neighbours, partners
from models.gate.verdict import Result
from tests.models.gate.rows import drawn, from_rows, subject_of

SWAPPED, SHIFTED = "were features swapped between rows?", "are they one off?"


def sentence(rows: LabelledRows) -> str:
    (found,) = neighbours(subject_of(rows))
    return found.sentence if found.result is Result.HOLD else ""


def pairs(count: int, draw: np.random.Generator) -> np.ndarray:
    """Of half of the pairs of neighbours, one has the other's features."""
    turned = np.repeat(draw.random(count // 2) < 0.5, 2)
    return np.where(turned, np.arange(count) ^ 1, np.arange(count))


@pytest.mark.parametrize("size", [1, 10])
def test_own_features_pass(size: int) -> None:
    """Of ten healthy tables at most one is held."""
    assert sum(bool(sentence(drawn(seed, 1000 * (1 + (size > 1)), size))) for seed in range(10)) <= 1


@pytest.mark.parametrize("size", [1, 10])
def test_swapped_pairs(size: int) -> None:
    """Half of the pairs of neighbours."""
    rows = drawn(2, 3000, size)
    assert sentence(from_rows(rows, pairs(3000, np.random.default_rng(0)))).endswith(SWAPPED)


def test_rows_that_were_swapped_far_apart() -> None:
    """At one distance, or mirrored: every other row with one in the other half of the table."""
    rows = drawn(3, 2000)
    every = np.arange(2000)
    assert sentence(from_rows(rows, np.where(every % 2, every, (every + 1000) % 2000))).endswith(SWAPPED)
    assert "mirrors it" in sentence(from_rows(rows, np.where(every % 2, every, (1998 - every) % 2000)))


def test_requests_that_stand_upside_down() -> None:
    """Every other one has its features from last to first."""
    rows = drawn(4, 3000, 10)
    mirrored = dict(partners(rows))["at the mirrored place of the request"]
    assert "mirrored place" in sentence(
        from_rows(rows, np.where(rows.request % 2, mirrored, np.arange(3000)))
    )


@pytest.mark.parametrize("by", [-1, 1])
def test_features_that_are_one_off(by: int) -> None:
    """In either direction."""
    assert sentence(from_rows(drawn(5), np.roll(np.arange(1000), by))).endswith(SHIFTED)


def test_a_history_may_know_what_came_before() -> None:
    """A column with the outcome of the row before tells that one's better than its own, and is healthy."""
    rows = drawn(6)
    history = np.concatenate(([0], rows.label[:-1])).astype(np.float32)
    with_history = LabelledRows(
        {**rows.features, "last": history}, rows.label, rows.starts, rows.names, rows.timed
    )
    assert sentence(with_history) == ""


def test_nothing_known_nothing_said() -> None:
    """Without rows there is no check."""
    assert list(neighbours(subject_of(None))) == []
