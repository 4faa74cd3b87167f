"""The reference window: a frame as the model takes it, and requests as a client sends them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.gate.reading import pool_ready, reference_frame, reference_window
from tests.faults.shop import Shop
from tests.models.gate.subjects import copied, subject


def test_columns_are_as_the_model_takes_them(shop: Shop, version: Path, tmp_path: Path) -> None:
    """float32, and text in which nothing is missing."""
    judged = subject(shop, version)
    folder = copied(version, tmp_path)
    stored = pd.read_parquet(folder / "reference.parquet")
    stored.loc[0, "colour"] = None
    stored["price"] = stored["price"].astype(float)
    stored.to_parquet(folder / "reference.parquet", index=False)
    frame = reference_frame(folder, judged.declared)
    assert {str(frame[name].dtype) for name in judged.declared.numeric} == {"float32"}
    assert frame.loc[0, "colour"] == ""
    assert set(frame["shop"]) == {"north", "south", "west"}


def test_requests_are_rebuilt_from_rows(shop: Shop, version: Path) -> None:
    """In their order, with the context of their first row; the window knows its slices."""
    judged = subject(shop, version)
    window = reference_window(judged.frame, judged.declared, "a test")
    assert window.requests == judged.frame["request"].nunique() == 120
    assert np.diff(window.starts).tolist() == [8] * 120
    assert window.contexts[1] == {"hour": judged.frame["hour"].iloc[8]}
    assert window.ids == judged.frame["item"].tolist()
    assert window.positive is None
    assert set(window.slices) == {"shop", "colour"}
    assert not window.as_asked


def test_what_is_missing_in_a_context_is_null(shop: Shop, version: Path) -> None:
    """As JSON has it, not NaN."""
    judged = subject(shop, version)
    frame = judged.frame.assign(hour=np.float32(np.nan))
    window = reference_window(frame, judged.declared, "a test")
    assert window.contexts[0] == {"hour": None}


def test_two_classes_are_known_by_their_label(lending: Shop) -> None:
    """One row a request where there are no groups."""
    declared = lending.declared
    frame = reference_frame(lending.champion, declared)
    window = reference_window(frame, declared, "a test")
    assert window.requests == len(frame)
    assert window.positive is not None
    assert window.positive.tolist() == (frame["label"] > 0).tolist()


def test_columns_are_put_in_the_models_order(shop: Shop, version: Path) -> None:
    """Whatever else the frame has."""
    judged = subject(shop, version)
    turned = judged.frame[judged.frame.columns[::-1]]
    assert tuple(pool_ready(turned, judged.declared)) == judged.declared.feature_names
    with pytest.raises(KeyError, match="price"):
        pool_ready(turned.drop(columns="price"), judged.declared)
