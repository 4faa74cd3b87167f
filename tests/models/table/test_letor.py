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
