"""The real requests of a table: in time order, with what was sent and what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.declaration.refusal import DataError
from models.table import dataset
from models.table.requests import UNTIMED, context_of, one_request, real_requests
from tests.models.tables import DECLARED, NOT_TIMED, declared, shop


def test_requests_come_in_time_order_with_what_was_sent_and_what_came_of_it(tmp_path: Path) -> None:
    frame = shop()
    declaration = declared(tmp_path, frame.sample(frac=1.0, random_state=1))
    found = list(real_requests(declaration, None, since=1704067200 + 3600, until=1704067200 + 5 * 3600))
    assert [request.key for request in found] == ["2024-001", "2024-002", "2024-003", "2024-004"]
    rows = frame[frame["query"] == "2024-001"].set_index("product")
    assert set(found[0].items) == set(rows.index)
    assert found[0].context == {"load": pytest.approx(rows["load"].iloc[0], rel=1e-6)}
    assert found[0].labels.tolist() == rows.loc[found[0].items, "stars"].tolist()
    assert one_request(declaration, None).key == "2024-059"
    assert one_request(declaration, None, at=1704067200 + 2.5 * 3600).key == "2024-003"
    with pytest.raises(DataError, match=r"at: 1e\+18 is later than the last request"):
        one_request(declaration, None, at=1e18)


def test_a_table_without_groups_or_times_is_asked_about_some_rows_at_a_time(tmp_path: Path) -> None:
    text = NOT_TIMED.replace('item = "product"\ngroup = "query"\n', "").replace('context = ["load"]\n', "")
    text = text.replace("trees = 20", 'trees = 20\nobjective = "Logloss"')
    frame = shop().assign(stars=lambda f: (f["stars"] > 1).astype(int))
    found = list(real_requests(declared(tmp_path, frame, text), None))
    assert [len(request.items) for request in found] == [20] * 18
    assert found[0].items[0] == "row-1"
    assert [request.time for request in found[:2]] == [UNTIMED, UNTIMED + 1]


def test_rows_asked_about_together_are_asked_about_when_the_last_of_them_is_known(tmp_path: Path) -> None:
    text = DECLARED.replace('group = "query"\n', "").replace('context = ["load"]\n', "")
    text = text.replace("trees = 20", 'trees = 20\nobjective = "Logloss"')
    frame = shop().assign(stars=lambda f: (f["stars"] > 1).astype(int))
    found = list(real_requests(declared(tmp_path, frame, text), None))
    # 20 rows reach into the fourth hour; 240 rows are of 40 hours
    assert [request.time for request in found[:2]] == [1704067200.0 + 3 * 3600, 1704067200.0 + 6 * 3600]
    assert sorted(request.time for request in found) == [request.time for request in found]


def test_an_item_that_recurs_among_rows_asked_about_together_is_listed_once(tmp_path: Path) -> None:
    text = DECLARED.replace('group = "query"\n', "").replace('context = ["load"]\n', "")
    text = text.replace("trees = 20", 'trees = 20\nobjective = "Logloss"')
    frame = shop().assign(stars=lambda f: (f["stars"] > 1).astype(int))
    table = dataset.read(declared(tmp_path, frame, text))
    first = next(iter(real_requests(declared(tmp_path, frame, text), None)))
    assert len(first.items) == len(set(first.items)) == len(set(table.items[:20].tolist())) < 20
    latest = {item: table.label[row] for row, item in enumerate(table.items[:20].tolist())}
    assert first.labels.tolist() == [latest[item] for item in first.items]


def test_outcomes_come_when_the_table_says_or_a_second_later(tmp_path: Path) -> None:
    declaration = declared(tmp_path, shop().assign(sold_at="2024-02-01"))
    first = one_request(declaration, None, at=0.0)
    assert set(first.label_times) == {first.time + 1}
    known = one_request(declaration.with_data(label_time="sold_at"), None, at=0.0)
    assert set(known.label_times) == {1706745600.0}


def test_a_requests_context_is_what_training_saw_or_null(tmp_path: Path) -> None:
    """The shortest text of a 32-bit float, so that reading it gives the same float again."""
    frame = shop()
    frame.loc[:5, "load"] = None
    text = DECLARED.replace('context = ["load"]', 'context = ["load", "country"]')
    table = dataset.read(declared(tmp_path, frame.assign(country="at"), text))
    assert context_of(table, 0) == {"load": None, "country": "at"}
    sent = context_of(table, 6)["load"]
    assert isinstance(sent, float)
    assert np.float32(sent) == table.values["load"][6]
    assert len(str(sent)) < 14


def test_a_window_without_requests_gives_none(tmp_path: Path) -> None:
    assert list(real_requests(declared(tmp_path), None, since=1e12)) == []
