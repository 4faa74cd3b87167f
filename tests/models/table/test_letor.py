"""LETOR text: what a line says, what is left out, and which line is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from models.declaration.declaration import read
from models.declaration.refusal import DataError
from models.table import dataset
from models.table.letor import read_letor


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


def test_a_line_without_features_is_a_row_of_zeros(tmp_path: Path) -> None:
    (tmp_path / "a.svm").write_text("# a head line\n1.5 qid:a 2:3\n0 qid:b\n")
    frame = read_letor(tmp_path / "a.svm")
    assert list(frame.columns) == ["label", "qid", "f1", "f2"]
    assert frame["qid"].tolist() == ["a", "b"]
    assert frame[["label", "f1", "f2"]].to_numpy().tolist() == [[1.5, 0, 3], [0, 0, 0]]


def test_comments_alone_are_a_table_without_rows(tmp_path: Path) -> None:
    (tmp_path / "a.svm").write_text("# nothing\n\n")
    assert read_letor(tmp_path / "a.svm").empty


def test_null_is_missing_and_stays_so_beside_a_test_file(tmp_path: Path) -> None:
    """As MQ2007-agg writes it; what a whole file lacks is 0."""
    (tmp_path / "a.svm").write_text("1 qid:1 1:NULL 2:3\n0 qid:1 1:2\n1 qid:2 1:nan\n0 qid:2 2:1\n")
    (tmp_path / "b.svm").write_text("1 qid:1 3:1\n0 qid:1 1:NULL\n")
    (tmp_path / "l.toml").write_text(
        '[ranker]\nname="l"\n[data]\nsource="a.svm"\ntest="b.svm"\ngroup="qid"\nlabel="label"\n'
        '[features]\nnumeric=["f*"]\navailable_at={"f*"="0h"}\n'
    )
    values = dataset.read(read(tmp_path / "l.toml")).values
    np.testing.assert_array_equal(values["f1"], [np.nan, 2, np.nan, 0, 0, np.nan])
    np.testing.assert_array_equal(values["f3"], [0, 0, 0, 0, 1, 0])


@pytest.mark.parametrize("place", ["1000000000", "20001", "9" * 400])
def test_a_feature_number_beyond_the_bound_is_refused_with_its_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "a.svm").write_text(f"1 qid:1 1:1\n0 qid:1 {place}:1\n")
    rule = rf"^a\.svm: line 2: .* has feature {place[:20]}: the largest that is read is 20,000$"
    with pytest.raises(DataError, match=rule):
        read_letor(tmp_path / "a.svm")


@pytest.mark.parametrize("line", ["1 qid:1 1_0:1", "1 qid:1 ١:1", "1 qid:1 +1:1"])
def test_a_number_in_another_notation_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.svm").write_text(f"{line}\n")
    with pytest.raises(DataError, match="is not `label qid:N"):
        read_letor(tmp_path / "a.svm")


def test_a_feature_twice_in_a_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.svm").write_text("1 qid:1 1:1 1:2\n")
    with pytest.raises(DataError, match=r"line 1: .* has one feature twice"):
        read_letor(tmp_path / "a.svm")


def test_a_table_that_would_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.table.letor.MEMORY", 1 << 10)
    (tmp_path / "a.svm").write_text("1 qid:1 1:1\n0 qid:1 200:1\n")
    with pytest.raises(DataError, match=r"a\.svm: rows: 2 rows with 200 features are more than"):
        read_letor(tmp_path / "a.svm")
