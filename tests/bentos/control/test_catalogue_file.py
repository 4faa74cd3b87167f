"""The current catalogue snapshot is served where every served version can rank from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bentos.control.catalogue_file import CatalogueFile
from bentos.home.state import Home, write_atomically
from models.catalogue.catalogue import write_catalogue
from tests.overwrite import overwrite


def test_without_a_named_one_it_is_the_champions_own(tmp_path: Path) -> None:
    """On a host where nobody trains or publishes; not before it is here, and what is named comes first."""
    home = Home(tmp_path)
    package = home.version("3")
    package.mkdir(parents=True)
    manifest = {"ranker": "r", "version_of_code": "", "data_digest": "", "created": 0.0, "files": {}}
    own = write_catalogue(tmp_path / "elsewhere", ["x"], {"a": np.zeros(1, np.float32)}, {}, 1.0)
    (package / "manifest.json").write_text(json.dumps(manifest | {"snapshot": own}))
    followed = CatalogueFile(home)
    assert followed.snapshot(None, [], champion=package) is None
    (tmp_path / "elsewhere").rename(home.catalogue)
    assert followed.snapshot(None, [], champion=package) == own
    assert followed.problems == []
    named = write_catalogue(home.catalogue, ["x"], {"a": np.ones(1, np.float32)}, {}, 1.0)
    write_atomically(home.catalogue / "current", named.encode())
    assert followed.snapshot(None, [], champion=package) == named


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
