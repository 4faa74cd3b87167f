"""A table as declared: what is refused, how it is ordered and split, and which requests it holds."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import DeclarationError, read
from models.declaration.refusal import DataError
from models.table import dataset, split
from models.table.requests import UNTIMED, one_request, real_requests
from tests.models.tables import DECLARED, declared, shop

Change = Callable[[pd.DataFrame], pd.DataFrame]
NOT_TIMED = DECLARED.replace('time = "at"\n', "")
TWO_CLASSES = NOT_TIMED.replace("trees = 20", 'trees = 20\nobjective = "Logloss"')


def cell(row: int, name: str, value: object) -> Change:
    """The table with one cell replaced."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.astype({name: object}).assign(
            **{name: [value if at == row else old for at, old in enumerate(frame[name])]}
        )

    return change


def without(name: str) -> Change:
    return lambda frame: frame.drop(columns=name)


REFUSED: list[tuple[str, str, Change, str]] = [
    ("column", DECLARED, without("price"), "features.numeric: 'price' matches no column of shop.csv; it has"),
    ("label", DECLARED, without("stars"), "data.label: 'stars' is no column of the table: product, query"),
    ("time", DECLARED, without("at"), "data.time: 'at' is no column of the table"),
    ("nan", DECLARED, cell(4, "stars", None), "data.label: nan in column 'stars', row 5, is missing"),
    ("one value", DECLARED, lambda f: f.assign(stars=2), "data.label: 'stars' has one value only, 2: there"),
    ("negative", DECLARED, cell(2, "stars", -1), "data.label: -1 in column 'stars', row 3, is negative"),
    ("text", DECLARED, cell(3, "price", "dear"), "features.numeric: 'dear' in column 'price', row 4, is not"),
    ("huge", DECLARED, cell(3, "price", 1e39), "features.numeric: 1e+39 in column 'price', row 4, is not"),
    ("no time", DECLARED, cell(3, "at", "noon"), "data.time: 'noon' in column 'at', row 4, is not a time as"),
    ("no id", DECLARED, cell(3, "product", None), "data.item: nan in column 'product', row 4, is missing"),
    ("empty", DECLARED, lambda f: f.head(0), "data.source: 'shop.csv' is empty: a table needs rows"),
    ("context", DECLARED, cell(1, "load", 9), "features.context: 'load' differs within request '2024-000'"),
    ("split", DECLARED, cell(0, "at", "2024-01-05"), "data.group: '2024-000' is in both parts of the"),
    ("window", DECLARED.replace("[features]", "from=2030-01-01\n[features]"), lambda f: f, "data.test_share"),
    ("classes", TWO_CLASSES, lambda f: f, "data.label: 'stars' has 4 values (0, 1, 2, 3): Logloss needs two"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_table_that_breaks_its_declaration_is_refused_by_file_key_value_and_rule(
    tmp_path: Path, text: str, change: Change, sentence: str
) -> None:
    declaration = declared(tmp_path, change(shop()), text)
    with pytest.raises(DeclarationError) as refused:
        dataset.read(declaration)
    assert str(refused.value).startswith(f"shop.toml: {sentence}")


def test_an_item_listed_twice_in_a_request_is_refused(tmp_path: Path) -> None:
    frame = shop()
    frame.loc[1, "product"] = frame.loc[0, "product"]
    with pytest.raises(DataError, match=r"data\.item: \d+ is twice in request '2024-000'"):
        dataset.read(declared(tmp_path, frame))


def test_a_positive_that_the_label_does_not_have_is_refused(tmp_path: Path) -> None:
    text = TWO_CLASSES.replace('label = "stars"', 'label = "stars"\npositive = "good"')
    frame = shop().assign(stars=lambda f: np.where(f["stars"] > 1, "fine", "poor"))
    with pytest.raises(
        DataError, match=r"data\.positive: 'good' is not one of the label's values: fine, poor"
    ):
        dataset.read(declared(tmp_path, frame, text))


def test_a_file_that_is_not_there_or_nothing_at_all_is_refused(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    (tmp_path / "shop.csv").write_text("")
    with pytest.raises(DataError, match=r"shop\.toml: data\.source: 'shop\.csv' is empty"):
        dataset.read(declaration)
    (tmp_path / "shop.csv").unlink()
    with pytest.raises(DeclarationError, match=r"shop\.toml: data\.source: 'shop\.csv' is no file"):
        dataset.read(declaration)
    with pytest.raises(DeclarationError, match=r"data\.source: 'nowhere:f' must be a file or"):
        dataset.read(declaration.with_data(source="nowhere:f"))


def test_a_feature_known_only_after_the_decision_is_refused_with_its_first_row(tmp_path: Path) -> None:
    frame = shop().assign(sold_at=lambda f: f["at"])
    frame.loc[7, "sold_at"] = "2024-01-09 00:00:00"
    text = DECLARED.replace('"*" = "0h"', '"*" = "0h", age = "sold_at"')
    with pytest.raises(DataError) as refused:
        dataset.read(declared(tmp_path, frame, text))
    said = "'age' is available at 'sold_at', which is after the decision in 1 rows: in row 8 it is known at"
    assert said in str(refused.value)


def test_rows_are_in_time_order_and_the_later_part_of_time_is_for_evaluation(tmp_path: Path) -> None:
    frame = shop().sample(frac=1.0, random_state=3)
    table = dataset.read(declared(tmp_path, frame))
    assert table.time is not None
    assert (np.diff(table.time) >= 0).all()
    assert (np.diff(table.request) >= 0).all()
    assert len(np.unique(table.request)) == len(table.keys) == 60
    assert table.time[table.train].max() < table.time[table.test].min()
    assert table.test.sum() == 12 * 6  # of 59 hours between first and last, those of the last 11.8
    by_item = frame.set_index(["query", "product"])["price"]
    asked = list(zip(table.keys[table.request], table.items.tolist(), strict=True))
    np.testing.assert_array_equal(table.values["price"], by_item.loc[asked].to_numpy(np.float32))


def test_bounds_leave_rows_to_neither_part_and_all_in_the_table(tmp_path: Path) -> None:
    table = dataset.read(declared(tmp_path).with_data(from_="2024-01-01T10:00", until="2024-01-02T00:00"))
    assert len(table.items) == 360
    assert (table.train | table.test).sum() == 14 * 6


def test_without_time_the_split_is_a_hash_of_the_request_alone(tmp_path: Path) -> None:
    first = dataset.read(declared(tmp_path, shop(), NOT_TIMED))
    shuffled = dataset.read(declared(tmp_path, shop().iloc[::-1], NOT_TIMED))
    assert set(first.keys[first.request[first.test]]) == set(shuffled.keys[shuffled.request[shuffled.test]])
    assert not (first.train & first.test).any()


def test_the_hash_takes_about_the_share_it_is_told() -> None:
    taken = split.hashed(np.array([f"q{number}" for number in range(20_000)]), 0.2).mean()
    assert abs(taken - 0.2) < 4 * (0.2 * 0.8 / 20_000) ** 0.5


def test_the_catalogue_keeps_an_items_latest_row(tmp_path: Path) -> None:
    table = dataset.read(declared(tmp_path))
    latest = pd.Series(range(360)).groupby(table.items).max()
    assert sorted(table.latest) == sorted(latest)
    np.testing.assert_array_equal(table.latest_of, latest.loc[table.items].to_numpy())


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


def test_letor_text_is_read_with_absent_features_as_zero(tmp_path: Path) -> None:
    lines = "2 qid:7 1:0.5 3:1\n0 qid:7 2:2 # a comment\n\n1 qid:9 3:4\n0 qid:9 1:1\n"
    with gzip.open(tmp_path / "train.svm.gz", "wt") as file:
        file.write(lines)
    (tmp_path / "test.svm").write_text("1 qid:7 5:1\n0 qid:7 1:3\n")
    (tmp_path / "l.toml").write_text(
        '[ranker]\nname="l"\n[data]\nsource="train.svm.gz"\ntest="test.svm"\ngroup="qid"\nlabel="label"\n'
        '[features]\nnumeric=["f*"]\navailable_at={"f*"="0h"}\n'
    )
    table = dataset.read(read(tmp_path / "l.toml"))
    assert table.declaration.numeric == ("f1", "f2", "f3", "f4", "f5")
    assert table.items.tolist() == ["q7/1", "q7/2", "q9/1", "q9/2", "qtest-7/1", "qtest-7/2"]
    assert np.array_equal(np.array([table.values[name][1] for name in ("f1", "f2", "f5")]), [0, 2, 0])
    assert table.train.tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize("line", ["1 2:3", "x qid:1 1:1", "1 qid:1 0:1", "1 qid:1 a:1", "1 qid: 1:1", "1"])
def test_a_line_that_is_not_letor_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.svm").write_text(f"1 qid:1 1:1\n{line}\n")
    (tmp_path / "l.toml").write_text(
        '[ranker]\nname="l"\n[data]\nsource="a.svm"\ngroup="qid"\nlabel="label"\n'
        '[features]\nnumeric=["f*"]\navailable_at={"f*"="0h"}\n'
    )
    with pytest.raises(DataError, match=r"^a\.svm: line 2: .* is not `label qid:N feature:value …`$"):
        dataset.read(read(tmp_path / "l.toml"))
