"""Parts of the time that contradict the rest are named, with the question on which they do."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.halves import halves
from models.gate.labelled import LabelledRows
from models.gate.verdict import Result
from tests.models.gate.rows import changed, drawn, from_rows, subject_of

QUESTIONS = ("rate of the outcome", "direction of columns", "order", "features")


def held(rows: LabelledRows) -> dict[str, str]:
    """What was held, by question."""
    return {each.name.partition(": ")[2]: each.sentence for each in halves(subject_of(rows)) if each.result}


@pytest.mark.parametrize("size", [1, 10])
def test_healthy_rows_pass(size: int) -> None:
    """Of five tables at most one is held; `tests/faults/test_small_tables.py` has some hundred."""
    tables = [drawn(seed, count=2000 if size > 1 else 1000, size=size) for seed in range(5)]
    bad = [seed for seed, rows in enumerate(tables) if held(rows)]
    assert len(bad) <= 1  # P(more than 1 of 5 at 2%) = 0.4%
    assert [each.name for each in halves(subject_of(drawn()))] == [
        f"halves in time: {one}" for one in QUESTIONS
    ]


@pytest.mark.parametrize(("low", "high"), [(0, 300), (0, 500), (350, 650), (700, 1000)])
def test_labels_that_are_turned_round_in_a_part(low: int, high: int) -> None:
    """Wherever the part is."""
    rows = drawn()
    inside = (np.arange(1000) >= low) & (np.arange(1000) < high)
    found = held(changed(rows, label=np.where(inside, 1 - rows.label, rows.label)))
    assert "upside down" in found["order"]
    assert "the rest" in found["order"]


def test_a_rate_that_jumps() -> None:
    """From 30% to 60%: by its time, with both rates; in rows that have no time it is nothing."""
    rows = drawn()
    more = (np.arange(1000) < 500) & (np.random.default_rng(0).random(1000) < 0.45)
    jumped = changed(rows, label=np.where(more, 1.0, rows.label))
    assert held(jumped)["rate of the outcome"].startswith("the mean outcome is 0.588 in the first 50% of")
    assert "rate of the outcome" not in held(changed(jumped, timed=False))


def test_a_column_that_turns() -> None:
    """Named, with its correlation on both sides."""
    rows = drawn(3)
    x0 = rows.features["x0"]
    found = held(changed(rows, x0=np.where(np.arange(1000) < 500, -x0, x0)))
    sentence = found["direction of columns"]
    assert sentence.startswith("1 of 5 columns have the other direction there: x0 (correlation ")


def test_features_that_say_nothing_in_a_part() -> None:
    """Those of other rows."""
    rows = drawn(count=3000, size=10)
    source = np.arange(3000)
    source[:1500] = np.random.default_rng(0).permutation(1500)
    assert held(from_rows(rows, source))["features"].startswith("the features say next to nothing ")


def test_without_rows_there_is_no_question() -> None:
    """A package of an earlier release has no sample of its training."""
    assert list(halves(subject_of(None))) == []
    few = list(halves(subject_of(drawn(count=15))))
    assert {each.result for each in few} == {Result.PASS}
