"""The current catalogue snapshot is served where every served version can rank from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bentos.control.catalogue_file import CatalogueFile
from bentos.home.state import Home, write_atomically
from models.catalogue.catalogue import write_catalogue
from tests.overwrite import overwrite


def test_a_catalogue_that_lacks_a_column_stays_out(tmp_path: Path) -> None:
    """What `current` names is served when every served version finds its features there."""
    home = Home(tmp_path)
    numeric = {"a": np.zeros(3, np.float32)}
    good = write_catalogue(home.catalogue, ["x", "y", "z"], numeric | {"b": numeric["a"]}, {}, 1.0)
    poor = write_catalogue(home.catalogue, ["x", "y", "z"], numeric, {}, 2.0)
    package = tmp_path / "versions" / "3"
    declared = {"ranker": {"name": "r"}, "data": {"source": "t.csv", "group": "g", "label": "l"}}
    features = {"features": {"numeric": ["a", "b"], "available_at": {"*": "0h"}}}
    write_atomically(package / "declaration.json", json.dumps(declared | features).encode())
    followed = CatalogueFile(home)
    assert followed.snapshot(None, []) is None
    assert followed.problems == ["catalogue: there is no snapshot yet"]
    write_atomically(home.catalogue / "current", good.encode())
    assert followed.snapshot(None, [package]) == good
    assert followed.problems == []
    write_atomically(home.catalogue / "current", poor.encode())
    assert followed.snapshot(good, [package]) == good
    assert followed.problems == [f"catalogue: snapshot {poor} stays out: it lacks b, which version 3 needs"]
    numbers = home.catalogue / good / "numeric.npy"
    overwrite(numbers, b"\x01", at=numbers.stat().st_size - 1)
    write_atomically(home.catalogue / "current", good.encode())
    fresh = CatalogueFile(home)
    assert fresh.snapshot(None, [package]) is None
    assert "content of digest" in fresh.problems[0]
