"""What a version was trained on, in a few figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.table import dataset
from models.training.makeup import MOST_VALUES, training
from tests.models.tables import DECLARED, declared, shop


def test_figures_are_those_of_the_training_part(tmp_path: Path) -> None:
    """Rows, requests, span, mean label, and share and mean label of each value of each slice."""
    frame = shop()
    found = training(dataset.read(declared(tmp_path, frame)))
    own = frame[: 48 * 6]  # four fifths of the requests, in order of time
    times = pd.to_datetime(own["at"])
    assert (found["rows"], found["requests"]) == (288, 48)
    assert found["label_mean"] == pytest.approx(own["stars"].mean())
    assert (found["from"], found["to"]) == (times.min().timestamp(), times.max().timestamp())
    assert "weighted_label_mean" not in found
    assert list(found["slices"]) == ["country"]
    for country, rows in own.groupby("country"):
        figures = found["slices"]["country"][country]
        assert figures["share"] == pytest.approx(len(rows) / 288)
        assert figures["label_mean"] == pytest.approx(rows["stars"].mean())
    assert json.loads(json.dumps(found)) == found


def test_weights_count_where_they_are_declared(tmp_path: Path) -> None:
    """The mean label as the model saw it."""
    frame = shop().assign(trust=np.linspace(0.1, 2, 360))
    text = DECLARED.replace('label = "stars"', 'label = "stars"\nweight = "trust"')
    found = training(dataset.read(declared(tmp_path, frame, text)))
    own = frame[:288]
    assert found["weighted_label_mean"] == pytest.approx(np.average(own["stars"], weights=own["trust"]))


def test_a_slice_of_many_values_has_the_most_frequent(tmp_path: Path) -> None:
    """A city for every request would make a page of figures."""
    frame = shop(queries=100)
    frame["country"] = np.where(np.arange(600) < 60, "at", [f"c{row // 6}" for row in range(600)])
    found = training(dataset.read(declared(tmp_path, frame)))["slices"]["country"]
    assert len(found) == MOST_VALUES
    assert next(iter(found)) == "at"
