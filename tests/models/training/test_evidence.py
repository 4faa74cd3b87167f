"""What a version carries to prove itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models import package
from models.package import read_certificate
from models.table import dataset
from models.training import evidence
from tests.models.tables import declared
from tests.models.tables import shop as table_of
from tests.models.training.trained import Trained, reproduced


def test_the_serving_path_reproduces_the_birth_certificate(shop: Trained) -> None:
    rows = reproduced(shop.result.package, shop.home / "shop" / "catalogue")
    assert rows == 60 * 6


def test_the_certificate_has_requests_that_lack_context(shop: Trained) -> None:
    contexts = [dict(request.context) for request in read_certificate(shop.result.package).requests]
    assert {} in contexts
    assert any("load" in context and context["load"] is not None for context in contexts)


def test_the_reference_window_is_whole_requests_of_the_test_part(shop: Trained) -> None:
    frame = pd.read_parquet(shop.result.package / package.REFERENCE)
    wanted = ["request", "item", "time", "label", "price", "age", "load", "country", "score"]
    assert list(frame.columns) == wanted
    assert len(frame) == 12 * 6
    assert (frame.groupby("request").size() == 6).all()


def test_rare_values_are_certified(tmp_path: Path) -> None:
    """Of 1,000 requests some hundreds are taken, among them the one with the rare country."""
    frame = table_of(queries=1000)
    frame.loc[4567, "country"] = "li"
    table = dataset.read(declared(tmp_path, frame))
    found = evidence.certificate(table, lambda features: np.zeros(len(features["price"])))
    assert len(found.requests) == evidence.CERTIFIED
    assert found.starts[-1] == len(found.scores) == sum(len(one.items) for one in found.requests)
    asked = {tuple(one.items) for one in found.requests}
    request = table.request[np.flatnonzero(table.frame["country"].to_numpy() == "li")[0]]
    low, high = table.starts[request : request + 2]
    assert tuple(table.items[low:high].tolist()) in asked
    again = evidence.certificate(table, lambda features: np.zeros(len(features["price"])))
    assert again.requests == found.requests


def test_contexts_lack_a_field_now_and_then(tmp_path: Path) -> None:
    """One request in twenty all of it, four more one field: left out, or null."""
    table = dataset.read(declared(tmp_path, table_of(queries=200)))
    found = evidence.certificate(table, lambda features: np.zeros(len(features["price"])))
    contexts = [dict(one.context) for one in found.requests]
    lacking = [number for number, context in enumerate(contexts) if context == {}]
    assert lacking == [*range(0, 200, 10)]  # every twentieth all of it; every tenth its only field
    assert [number for number, context in enumerate(contexts) if context == {"load": None}] == [
        *range(5, 200, 10)
    ]


def test_a_sample_is_of_whole_requests(tmp_path: Path) -> None:
    """As many as fit; with their scores, each beside its own row."""
    table = dataset.read(declared(tmp_path))
    rows = np.flatnonzero(table.train)
    found = evidence.reference(table, rows, rows.astype(float), most=(100, 32))
    assert len(found) == 30
    assert (found.groupby("request").size() == 6).all()
    np.testing.assert_array_equal(found["item"], table.items[found["score"].astype(int)])
    np.testing.assert_array_equal(found["label"], table.label[found["score"].astype(int)])
    assert found["request"].nunique() == 5
    fewer = evidence.reference(table, rows, rows.astype(float), most=(2, 5000))
    assert fewer["request"].nunique() == 2
