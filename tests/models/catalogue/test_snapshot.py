"""Writing a snapshot: named by its content, whole or not at all, and refused where it is no catalogue."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue, CatalogueError, write_catalogue
from models.catalogue.snapshot import content_digest
from tests.models.catalogue.snapshots import example


def test_the_same_content_is_the_same_snapshot(tmp_path: Path) -> None:
    """The id is a digest of the content: a second write changes nothing, other content has another id."""
    first = example(tmp_path, 1.0)
    before = {path.name: path.stat().st_mtime_ns for path in first.iterdir()}
    assert example(tmp_path, 2.0) == first
    assert {path.name: path.stat().st_mtime_ns for path in first.iterdir()} == before
    other = write_catalogue(tmp_path, ["a", "b", "c"], {"price": np.zeros(3, np.float32)}, {}, 1.0)
    assert other != first.name
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, other])


@pytest.mark.parametrize(
    ("ids", "numeric", "categorical", "message"),
    [
        ([], {}, {}, "a catalogue has 0 ids: it needs 1 to"),
        (["a", "b", "a"], {}, {}, "id 'a' occurs twice: an item has one row"),
        (np.array([3, 3]), {}, {}, "id 3 occurs twice"),
        (["a", 1], {}, {}, "id 1 among strings"),
        (["\ud800"], {}, {}, "is no valid Unicode: surrogates not allowed"),
        (np.array([0.5]), {}, {}, "ids of type float64: they must all be strings or all be integers"),
        (
            ["a"],
            {"x": np.zeros(2, np.float32)},
            {},
            r"column 'x' has shape \(2,\): it needs one value per id, 1",
        ),
        (["a"], {}, {"y": ["p", "q"]}, "column 'y' has 2 values: it needs one per id, 1"),
        (["a"], {}, {"y": [3]}, "column 'y', id row 0: 3 is neither a string nor None"),
    ],
)
def test_a_table_that_is_no_catalogue_is_refused(
    tmp_path: Path, ids: object, numeric: object, categorical: object, message: str
) -> None:
    """The sentence names the id or the column; nothing is left on disk."""
    with pytest.raises(CatalogueError, match=message):
        write_catalogue(tmp_path, ids, numeric, categorical, 0.0)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def _write(root: Path, values: NDArray[np.float32]) -> None:
    write_catalogue(root, np.arange(values.size), {"x": values}, {}, 0.0)


def test_writers_of_the_same_content_may_race(tmp_path: Path) -> None:
    """Four processes write one snapshot at once: it is whole, and nothing else is left."""
    values = np.arange(50_000, dtype=np.float32)
    processes = [multiprocessing.Process(target=_write, args=(tmp_path, values)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    (folder,) = tmp_path.iterdir()
    assert Catalogue.open(folder, verify=True).size == 50_000


def test_a_snapshots_files_and_their_fields_stay(tmp_path: Path) -> None:
    """Snapshots outlive the code that wrote them: names, types and lengths on disk, and the digest."""
    folder = example(tmp_path)
    assert folder.name == "4dab7cfd03f5e2c3"
    meta = json.loads((folder / "meta.json").read_text())
    assert list(meta) == [
        "format", "size", "ids", "numeric", "vocabularies", "snapshot", "created", "files",
    ]  # fmt: skip
    assert (meta["format"], meta["size"], meta["ids"], meta["created"]) == (2, 3, "text", 1.0)
    assert meta["vocabularies"] == {"colour": ["red", "blue"], "shape": ["", "round"]}
    found = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    assert {name: (array.dtype.str, array.shape) for name, array in found.items()} == {
        "numeric": ("<f4", (2, 3)),
        "codes": ("<i4", (2, 3)),
        "ids": ("|u1", (5,)),
        "offsets": ("<i8", (4,)),
        "index": ("<u8", (16,)),
    }
    assert meta["files"] == {path.name: path.stat().st_size for path in sorted(folder.glob("*.npy"))}


def test_a_snapshot_cannot_be_written_into(tmp_path: Path) -> None:
    folder = example(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("kind", ["ids", "offsets", "numeric", "codes", "meta"])
def test_the_digest_covers_what_it_names(kind: str, tmp_path: Path) -> None:
    """Not the time, nor the index, which follows from the ids."""
    folder = example(tmp_path)
    meta = json.loads((folder / "meta.json").read_text())
    described = {name: meta[name] for name in ("format", "size", "ids", "numeric", "vocabularies")}
    arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    assert content_digest(described, arrays) == folder.name
    assert content_digest(described, arrays | {"index": arrays["index"] + 1}) == folder.name
    if kind == "meta":
        assert content_digest(described | {"numeric": ["age", "price"]}, arrays) != folder.name
    else:
        assert content_digest(described, arrays | {kind: arrays[kind] + 1}) != folder.name
