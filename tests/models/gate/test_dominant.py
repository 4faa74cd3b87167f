"""One column that tells as much as all others: a copy of the outcome is told from a cause."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.dominant import dominant, one_column
from models.gate.fits import Design
from models.gate.labelled import LabelledRows
from models.gate.screened import made_of_outcome
from models.gate.verdict import Result
from tests.models.gate.rows import changed, drawn, subject_of


def leaky(rows: LabelledRows, noise: float = 0.5) -> LabelledRows:
    draw = np.random.default_rng(9)
    return changed(rows, x3=(rows.label + draw.normal(0, noise, len(rows.label))).astype(np.float32))


@pytest.mark.parametrize("size", [1, 10])
def test_the_label_with_noise_is_held(size: int) -> None:
    """By name, with what it tells alone and what all others tell."""
    (found,) = one_column(subject_of(leaky(drawn(size=size, count=2000))))
    assert found.result is Result.HOLD
    assert found.sentence.startswith("x3: goes with the other columns only as far as the outcome does")
    assert "made of the outcome? x3 alone has 9" in found.sentence


def test_a_copy_is_held_also_where_others_tell_more() -> None:
    """Then there is no share to be told."""
    (found,) = one_column(subject_of(leaky(drawn(count=2000), 1.4)))
    assert (found.result, found.figure) == (Result.HOLD, None)
    assert found.sentence.startswith("x3: goes with the other columns only as far")


def test_a_strong_cause_passes() -> None:
    """Of four tables in which one column decides nearly all, none is held, and all are told of."""
    held = 0
    for seed in range(4):
        rows = drawn(seed)
        draw = np.random.default_rng(seed)
        worth = 1.6 * rows.features["x0"] + 0.5 * rows.features["x1"] + draw.logistic(size=1000)
        (found,) = one_column(subject_of(changed(rows, label=(worth > 0.8).astype(float))))
        assert "x0 alone has" in found.sentence
        held += found.result is Result.HOLD
    assert held == 0


def test_columns_that_share_what_they_tell_are_none() -> None:
    """Where the others tell more, there is no such column; nor where there is one only."""
    rows = drawn()
    worth = sum(rows.features[f"x{place}"] for place in range(4)) + np.random.default_rng(0).logistic(
        size=1000
    )
    assert dominant(Design.of(changed(rows, label=(worth > 1).astype(float)))) is None
    single = LabelledRows({"x0": rows.features["x0"]}, rows.label, rows.starts, rows.names, True)
    (found,) = one_column(subject_of(single))
    assert found.result is Result.PASS
    assert list(one_column(subject_of(None))) == []


def test_a_copy_of_a_number_is_told_too() -> None:
    """The outcome of a regression has no classes: bins of it are."""
    rows = drawn()
    draw = np.random.default_rng(3)
    worth = rows.features["x0"] - rows.features["x1"] + draw.normal(size=1000)
    design = Design.of(leaky(changed(rows, label=worth.astype(np.float64)), 0.6))
    found = dominant(design)
    assert found is not None
    assert found.name == "x3"
    assert found.alone > found.without
    assert made_of_outcome(design) == ("x3",)
