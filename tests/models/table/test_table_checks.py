"""What must hold for a whole table: each promise that it breaks is named by key, value and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.declaration.refusal import DataError
from models.table import dataset
from tests.models.tables import DECLARED, Change, cell, declared, refused, shop

REFUSED: list[tuple[str, str, Change, str]] = [
    ("context", DECLARED, cell(1, "load", 9), "features.context: 'load' differs within request '2024-000'"),
    ("window", DECLARED.replace("[features]", "from=2030-01-01\n[features]"), lambda f: f, "data.test_share"),
    (
        "training",
        DECLARED.replace("[features]", "from=2030-01-01\n[features]"),
        lambda f: f,
        "data.test_share: 0.2 leaves no row in the training part (shop.csv)",
    ),
    (
        "one value",
        DECLARED,
        lambda f: f.assign(stars=f["stars"].where(f["at"] < "2024-01-03", 1)),
        "data.label: 'stars' has one value only in the test part: there is nothing to learn or to compare",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "change", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_broken_promise_is_refused_by_file_key_value_and_rule(
    tmp_path: Path, text: str, change: Change, sentence: str
) -> None:
    assert refused(tmp_path, text, change).startswith(f"shop.toml: {sentence}")


def test_an_item_listed_twice_in_a_request_is_refused(tmp_path: Path) -> None:
    frame = shop()
    frame.loc[1, "product"] = frame.loc[0, "product"]
    with pytest.raises(DataError, match=r"data\.item: \d+ is twice in request '2024-000'"):
        dataset.read(declared(tmp_path, frame))


def test_a_feature_known_only_after_the_decision_is_refused_with_its_first_row(tmp_path: Path) -> None:
    frame = shop().assign(sold_at=lambda f: f["at"])
    frame.loc[7, "sold_at"] = "2024-01-09 00:00:00"
    text = DECLARED.replace('"*" = "0h"', '"*" = "0h", age = "sold_at"')
    with pytest.raises(DataError) as refused:
        dataset.read(declared(tmp_path, frame, text))
    said = "'age' is available at 'sold_at', which is after the decision in 1 rows: in row 8 it is known at"
    assert said in str(refused.value)


def test_a_feature_whose_moment_is_missing_is_not_known_in_time(tmp_path: Path) -> None:
    frame = shop().assign(sold_at=lambda f: f["at"])
    frame.loc[[7, 9], "sold_at"] = None
    text = DECLARED.replace('"*" = "0h"', '"*" = "0h", age = "sold_at"')
    with pytest.raises(DataError, match=r"after the decision in 2 rows: in row 8 it is known at None"):
        dataset.read(declared(tmp_path, frame, text))


def test_a_feature_known_at_the_decision_itself_is_known_in_time(tmp_path: Path) -> None:
    text = DECLARED.replace('"*" = "0h"', '"*" = "0h", age = "at"')
    assert len(dataset.read(declared(tmp_path, shop(), text)).items) == 360


def test_context_that_is_missing_in_all_rows_of_a_request_is_the_same(tmp_path: Path) -> None:
    frame = shop()
    frame.loc[:5, "load"] = None
    assert len(dataset.read(declared(tmp_path, frame)).items) == 360
    frame.loc[0, "load"] = 1.0
    with pytest.raises(DataError, match="'load' differs within request '2024-000'"):
        dataset.read(declared(tmp_path, frame))


def test_a_request_in_both_files_is_refused(tmp_path: Path) -> None:
    frame = shop()
    declaration = declared(tmp_path, frame.iloc[:300])
    frame.iloc[294:].to_csv(tmp_path / "later.csv", index=False)
    rule = r"data\.group: '2024-049' is in the training file and in the test file: a request belongs to one"
    with pytest.raises(DataError, match=rule):
        dataset.read(declaration.with_data(test="later.csv"))
