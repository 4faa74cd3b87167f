"""A column that was made of later outcomes, and those that may know earlier ones."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.labelled import LabelledRows
from models.gate.later import later_outcomes
from models.gate.verdict import Result
from tests.models.gate.rows import changed, drawn, subject_of


def held(rows: LabelledRows) -> str:
    (found,) = later_outcomes(subject_of(rows))
    return found.sentence if found.result is Result.HOLD else ""


def mean_of(label: np.ndarray, steps: range) -> np.ndarray:
    return np.mean([np.roll(label, -step) for step in steps], axis=0).astype(np.float32)


@pytest.mark.parametrize("size", [1, 10])
def test_the_next_outcomes_are_named(size: int) -> None:
    """With the own one or without, whichever way up."""
    rows = drawn(size=size, count=2000)
    for steps in (range(5), range(1, 5)):
        assert held(changed(rows, x3=mean_of(rows.label, steps))).startswith(
            "x3: goes with the outcomes of the 5"
        )
    assert held(changed(rows, x3=-mean_of(rows.label, range(5)))).startswith("x3")


@pytest.mark.parametrize("size", [1, 10])
def test_outcomes_on_both_sides_are_named(size: int) -> None:
    """As many before as after: neither side is known better, but some of the next rows are."""
    rows = drawn(size=size, count=1500)
    for steps in (range(-2, 3), range(-1, 2), range(-3, 4)):
        assert held(changed(rows, x3=mean_of(rows.label, steps))).startswith("x3: tells the outcomes of some")


def test_what_changes_slowly_is_no_later_outcome() -> None:
    """Columns that resemble those of the row before, a rate that wanders, and a mean of the last twenty."""
    for seed in range(5):
        draw = np.random.default_rng(seed)
        x = draw.normal(size=1000)
        for row in range(1, 1000):
            x[row] = 0.9 * x[row - 1] + 0.45 * x[row]
        rate = np.sin(np.arange(1000) / 60)
        label = (x + rate + draw.logistic(size=1000) > 0.5).astype(np.float64)
        lately = np.convolve(label, np.ones(20) / 20)[:1000]
        before = np.concatenate(([0.5], lately[:-1])).astype(np.float32)
        assert held(changed(drawn(seed), label=label, x0=x.astype(np.float32), x1=before)) == ""


def test_earlier_outcomes_may_be_known() -> None:
    """A mean of those that came before is a history."""
    rows = drawn()
    assert held(changed(rows, x3=mean_of(rows.label, range(-5, 0)))) == ""


def test_healthy_columns_pass() -> None:
    """Of 60 tables at most two are held."""
    assert sum(bool(held(drawn(seed))) for seed in range(60)) <= 2


def test_rows_that_stand_in_the_order_of_their_outcomes_say_nothing() -> None:
    """A result list has the good ones first: a neighbour's outcome is told by the place."""
    rows = drawn(size=10, count=2000)
    order = np.lexsort((rows.label, rows.request))
    sorted_up = changed(
        rows, label=rows.label[order], **{name: column[order] for name, column in rows.features.items()}
    )
    assert held(sorted_up) == ""
    assert list(later_outcomes(subject_of(None))) == []
