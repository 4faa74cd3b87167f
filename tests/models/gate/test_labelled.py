"""Rows of a table: what counts as a difference, and which rows of a large table are kept."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate import labelled
from models.gate.labelled import TENTHS, thinned
from tests.models.gate.rows import drawn


def test_a_request_is_compared_with_itself() -> None:
    """Rows of several are centred by request, single rows by tenth of the time."""
    pairs, single = drawn(size=2), drawn()
    assert pairs.ordered
    assert not single.ordered
    for rows, place in ((pairs, pairs.request), (single, single.tenth)):
        sums = np.bincount(place, rows.centred(rows.label))
        np.testing.assert_allclose(sums, 0, atol=1e-9)
        assert np.mean(rows.outcome**2) == pytest.approx(1)


def test_tenths_have_as_many_requests_each() -> None:
    """And every row is in one."""
    rows = drawn(count=1200, size=4)
    assert np.bincount(rows.tenth).tolist() == [120] * TENTHS


def test_labels_that_are_all_alike_say_nothing() -> None:
    """No division by their spread of 0."""
    rows = drawn()
    flat = labelled.LabelledRows(rows.features, np.ones(1000), rows.starts, rows.names, True)
    assert (flat.outcome == 0).all()


def test_a_large_table_is_thinned_to_runs_of_whole_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neighbours stay neighbours, all of the time is there, and a small table stays as it is."""
    monkeypatch.setattr(labelled, "MOST_CELLS", 10_000)
    rows = drawn(count=20_000, size=10)
    kept = thinned(rows)
    places = np.array([int(name[1:]) for name in kept.names])
    assert 1500 <= len(kept.label) <= 2000
    assert np.unique(np.diff(kept.starts)).tolist() == [10]
    assert (np.diff(places) == 1).mean() > 0.99
    assert np.bincount(places // 2000, minlength=10).min() > 100
    np.testing.assert_array_equal(kept.label, rows.label[places])
    small = drawn()
    assert thinned(small) is small


def test_kept_rows_are_whole_first_requests_of_each_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as fit, and one at least; of requests of any sizes."""
    monkeypatch.setattr(labelled, "MOST_CELLS", 20_000)
    draw = np.random.default_rng(5)
    for sizes in (draw.integers(1, 30, 900), draw.integers(1, 900, 40), np.full(7, 5000)):
        starts = np.concatenate(([0], np.cumsum(sizes)))
        request = np.repeat(np.arange(len(sizes)), sizes)
        tenth = request * TENTHS // len(sizes)
        expected = []
        for each in range(TENTHS):
            own = [place for place in range(len(sizes)) if place * TENTHS // len(sizes) == each]
            fit = [place for place in own if starts[place + 1] - starts[own[0]] <= 2000 // TENTHS]
            expected += fit or own[:1]
        kept = labelled.kept_rows(starts, 10)
        assert kept is not None
        assert np.unique(request[kept]).tolist() == expected
        assert np.array_equal(kept, np.flatnonzero(np.isin(request, expected)))
        assert set(tenth[kept]) == set(tenth)
