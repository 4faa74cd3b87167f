"""A pool that reads a file holds what one made in memory holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.table import dataset, file_frame, rows
from models.table.spool import Spool
from models.training.large_pool import large_pool
from tests.models.tables import DECLARED, declared, shop


def test_features_labels_and_groups_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_frame, "LARGE", 0)
    monkeypatch.setattr(rows, "BLOCK", 7)
    shop().to_parquet(tmp_path / "shop.parquet")
    table = dataset.read(declared(tmp_path).with_data(source="shop.parquet"), tmp_path)
    chosen = np.flatnonzero(table.train)
    pool = large_pool(table, chosen, table.label[chosen], table.request[chosen], Spool(tmp_path))
    assert pool.shape == (len(chosen), 4)
    np.testing.assert_array_equal(np.asarray(pool.get_label(), dtype=float), table.label[chosen])
    assert pool.get_feature_names() == list(table.declaration.spec.names)
    assert pool.get_cat_feature_indices() == [table.declaration.spec.names.index("country")]


def test_numbers_alone_are_equal_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_frame, "LARGE", 0)
    text = DECLARED.replace('categorical = ["country"]', "").replace('slices = ["country"]', "")
    shop().to_parquet(tmp_path / "shop.parquet")
    table = dataset.read(declared(tmp_path, text=text).with_data(source="shop.parquet"), tmp_path)
    chosen = np.flatnonzero(table.train)
    pool = large_pool(table, chosen, table.label[chosen], None, Spool(tmp_path))
    expected = pd.DataFrame(table.features(chosen)).to_numpy(np.float32)
    np.testing.assert_array_equal(pool.get_features(), expected)
