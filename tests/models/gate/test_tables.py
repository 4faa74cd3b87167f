"""The declared table, read by the gate."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import read
from models.gate import tables
from models.gate.tables import declared_table
from models.table import dataset
from models.training.makeup import training
from tests.models.small import declare, table


def made() -> pd.DataFrame:
    """A table that a declaration names as a function."""
    return table()


def source_digest() -> str:
    """What `made` would give: training keeps its table under this name."""
    return "5" * 16


def test_it_is_the_evaluation_part(tmp_path: Path) -> None:
    """Whole requests of it with their context, labels and features as the table has them."""
    declared = declare(tmp_path)
    found, whole = declared_table(declared, tmp_path / "home"), dataset.read(declared)
    assert found is not None
    assert found.digest == whole.digest
    assert found.training == training(whole)
    assert found.window.requests == len(np.unique(whole.request[whole.test])) == 120
    rows = np.flatnonzero(whole.test)
    np.testing.assert_array_equal(found.window.labels, whole.label[rows])
    assert found.window.ids == whole.items[rows].tolist()
    assert found.keys.tolist() == whole.keys[whole.request[rows]].tolist()
    assert found.window.contexts[0] == {"hour": whole.values["hour"][rows[0]]}
    assert set(found.features) == set(declared.feature_names)
    np.testing.assert_array_equal(found.features["price"], whole.values["price"][rows])
    assert set(found.window.slices) == {"shop", "colour"}
    assert {"price", "rating"} <= set(found.closeness)


def test_many_requests_are_sampled_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most so many, from the first to the last."""
    declared = declare(tmp_path)
    whole = dataset.read(declared)
    monkeypatch.setattr(tables, "REQUESTS", 50)
    found = tables._sampled(whole)
    assert found.window.requests == 40  # every third of 120
    assert len(set(found.keys.tolist())) == 40


def test_a_table_that_is_not_here_is_none(tmp_path: Path) -> None:
    """A server need not have it; one that can't be read is as good as none."""
    declared = declare(tmp_path)
    assert declared_table(declared, tmp_path / "home") is not None
    (tmp_path / "table.csv").write_text("no,table\n1,2\n")
    os.utime(tmp_path / "table.csv", (9, 9))
    assert declared_table(declared, tmp_path / "home") is None
    (tmp_path / "table.csv").unlink()
    assert declared_table(declared, tmp_path / "home") is None


def test_a_table_that_a_function_makes_is_read_where_training_kept_it(tmp_path: Path) -> None:
    """Making one may take minutes, so the gate does not."""
    declare(tmp_path)
    path = tmp_path / "ranker.toml"
    path.write_text(path.read_text().replace('"table.csv"', '"tests.models.gate.test_tables:made"'))
    declared, home = read(path), tmp_path / "home"
    assert declared_table(declared, home) is None
    dataset.read(declared, home)
    assert list((home / "data").glob("tests.models.gate.test_tables.made-*.parquet"))
    found = declared_table(declared, home)
    assert found is not None
    assert found.window.requests == 120


def test_it_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """And kept for the next version otherwise."""
    declared = declare(tmp_path)
    found = declared_table(declared, tmp_path / "home")
    assert declared_table(read(tmp_path / "ranker.toml"), tmp_path / "home") is found
    table(seed=1).to_csv(tmp_path / "table.csv", index=False)
    os.utime(tmp_path / "table.csv", (5, 5))
    again = declared_table(declared, tmp_path / "home")
    assert again is not None
    assert found is not None
    assert again.digest != found.digest
