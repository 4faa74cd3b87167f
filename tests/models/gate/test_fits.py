"""Quick fits: predictions of rows that a fit did not have, and what they say of outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.fits import Design, agreement, by_request, ranks
from tests.models.gate.rows import changed, drawn


def test_what_is_there_is_found_out_of_fold() -> None:
    """And noise is not: the correlation of 40 columns of it stays within four standard errors of 0."""
    rows = drawn()
    told = agreement(rows, Design.of(rows).prediction)
    assert told.mean() > 0.3
    noise = np.random.default_rng(1).normal(size=(40, 1000)).astype(np.float32)
    blind = changed(rows, **{f"x{place}": noise[place] for place in range(40)})
    told = agreement(blind, Design.of(blind).prediction)
    assert abs(told.mean()) < 4 / np.sqrt(1000)


def test_a_row_never_helps_to_predict_itself() -> None:
    """Turning one fold's labels round changes nothing that is predicted there but their centre."""
    rows = drawn()
    fold = rows.tenth % 5 == 0
    turned = changed(rows, label=np.where(fold, 1 - rows.label, rows.label))
    before, after = (Design.of(each).prediction[fold] for each in (rows, turned))
    assert np.corrcoef(before, after)[0, 1] > 0.999999


def test_a_fit_on_some_tenths_predicts_the_others() -> None:
    """By some columns only, if asked; without columns it says nothing."""
    rows = drawn()
    design = Design.of(rows)
    later = rows.tenth >= 5
    found = design.fitted_on(range(5))
    assert np.corrcoef(found[later], rows.outcome[later])[0, 1] > 0.3
    assert (design.fitted_on(range(5), []) == 0).all()
    assert {*design.without("x0")} == {*range(design.matrix.shape[1])} - {*design.columns["x0"]}


def test_a_u_and_what_is_missing_are_seen() -> None:
    """Not only lines: bins of a number, and a mark for its absence."""
    rows = drawn()
    draw = np.random.default_rng(2)
    x = draw.normal(size=1000).astype(np.float32)
    bowl = changed(rows, x0=x, label=(x**2 > 1.5).astype(float))
    assert agreement(bowl, Design.of(bowl).out_of_fold(Design.of(bowl).columns["x0"])).mean() > 0.5
    gone = np.where(rows.label > 0, np.float32(np.nan), x)
    lost = changed(rows, x0=gone)
    assert agreement(lost, Design.of(lost).out_of_fold(Design.of(lost).columns["x0"])).mean() > 0.9


def test_ranks_are_middle_ranks() -> None:
    """From -0.5 to 0.5; equal values share a place, what is missing lies in the middle."""
    found = ranks(np.array([3.0, 1.0, 1.0, np.nan, 9.0]))
    np.testing.assert_allclose(found, [1 / 6, -1 / 3, -1 / 3, 0, 0.5])
    assert ranks(np.array([np.nan, 2.0])).tolist() == [0, 0]


@pytest.mark.parametrize("size", [1, 5])
def test_sums_by_request_have_the_mean_of_the_rows(size: int) -> None:
    """So that a mean over requests is a correlation over rows."""
    rows = drawn(size=size)
    assert by_request(rows, rows.label).mean() == pytest.approx(rows.label.mean())
