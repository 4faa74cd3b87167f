"""The hash of a category."""

import json
import tempfile
from pathlib import Path

import catboost
import numpy as np

from models.engine.cityhash import category_hashes
from tests.models.engine.engines import (
    Table,
    train,
)


def test_category_hashes_are_catboosts() -> None:
    """Of texts of every length up to 200 bytes, against the hashes that CatBoost writes out itself."""
    draw = np.random.default_rng(0)
    words = ["".join(draw.choice(list("abcé漢 0"), size)) for size in range(90)] + [
        "x" * size for size in range(200)
    ]
    words = list(dict.fromkeys(words))
    table = Table(
        {"n0": draw.normal(size=len(words)).astype(np.float32)}, {"c0": words}, draw.normal(size=len(words))
    )
    model = train(table, iterations=1, depth=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json", pool=catboost.Pool(table.frame(), cat_features=["c0"]))
        written = json.loads(path.read_text())["features_info"]["cat_features_hash"]
    expected = {one["value"]: one["hash"] for one in written}
    assert expected == dict(zip(words, category_hashes(words).tolist(), strict=True))


def test_no_text_has_no_hash() -> None:
    """And texts that are no valid Unicode are hashed all the same, each by itself."""
    assert category_hashes([]).shape == (0,)
    alone, after = category_hashes(["b"]), category_hashes(["a long text that comes before it", "b"])
    assert alone[0] == after[1]
    assert category_hashes(["\ud800"]).dtype == np.uint32
