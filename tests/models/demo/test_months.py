"""The ranker month by month: the windows that are asked for, and a year of another table measured."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration
from models.demo.months import TRIAL, measured, month
from models.table import dataset, split
from tests.models.tables import declared, shop


@pytest.fixture
def year(tmp_path: Path) -> Declaration:
    """The shop with a request a day in 2013."""
    frame = shop(queries=365)
    days = pd.date_range("2013-01-01", periods=365, freq="D").astype(str)
    return declared(tmp_path, frame.assign(at=np.repeat(days, 6)))


@pytest.mark.parametrize(("number", "first"), [(2, 1), (4, 1), (6, 2), (12, 8)])
def test_a_month_is_tested_after_the_four_before(year: Declaration, number: int, first: int) -> None:
    asked = month(year, number)
    start = datetime(2013, number, 1, tzinfo=UTC)
    assert asked.data.from_ == datetime(2013, first, 1, tzinfo=UTC)
    assert asked.data.until == (
        datetime(2014, 1, 1, tzinfo=UTC) if number == 12 else start.replace(month=number + 1)
    )
    table = dataset.read(asked)
    assert table.time is not None
    assert split.boundary(asked.data, table.time) == pytest.approx(start.timestamp(), abs=1e-3)
    tested = pd.to_datetime(table.time[table.test], unit="s")
    assert set(tested.month) == {number}
    assert table.test.sum() == 6 * monthrange(2013, number)[1]


def test_each_month_of_the_trial_is_measured_and_beats_a_random_order(
    year: Declaration, tmp_path: Path
) -> None:
    found = list(measured(year, tmp_path))
    assert [number for number, _, _ in found] == list(TRIAL)
    for _, ndcg, chance in found:
        assert chance.high < ndcg.low <= ndcg.value <= ndcg.high
        assert 28 <= ndcg.n <= 31
