"""What is kept beside a package: made once, damaged, raced for, or not to be written."""

import multiprocessing
from itertools import product
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.engine import load_engine
from models.engine.files import Keep, model_digest
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)
from tests.overwrite import overwrite


def test_damaged_files_beside_the_package_are_made_again(tmp_path: Path) -> None:
    """What is kept between starts is a convenience: cut short, it is computed again."""
    table = random_table(10, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    catalogue = open_catalogue(tmp_path, table)
    expected = load_engine(package, catalogue).score(np.arange(200), Context(np.empty(0, np.float32), ()))
    for path, cut in product((package / "engine").iterdir(), (-3, 0)):
        overwrite(path, path.read_bytes()[:cut])
        engine = load_engine(package, catalogue)
        assert engine.kind == "kernel", path.name
        assert_same_bits(engine.score(np.arange(200), Context(np.empty(0, np.float32), ())), expected)


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    """A read-only package serves all the same; every process computes for itself."""
    table = random_table(13, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    (package / "engine").write_text("a file where the folder would be")
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "kernel", engine.reason
    scores = engine.score(np.arange(200), Context(np.empty(0, np.float32), ()))
    assert_same_bits(scores, stock_scores(package, table.numeric, table, False))


def _load(package: Path, folder: Path, answers: "Queue[tuple[str, list[float]]]") -> None:
    engine = load_engine(package, Catalogue.open(folder))
    answers.put((engine.kind, engine.score(np.arange(200), Context(np.empty(0, np.float32), ())).tolist()))


def test_workers_may_load_at_once(tmp_path: Path) -> None:
    """Four processes race for a new package: all serve the same, and no draft is left."""
    table = random_table(15, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    catalogue = open_catalogue(tmp_path, table)
    spawn = multiprocessing.get_context("fork")
    answers: Queue[tuple[str, list[float]]] = spawn.Queue()
    workers = [spawn.Process(target=_load, args=(package, catalogue.folder, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert found == [("kernel", stock_scores(package, table.numeric, table, False).tolist())] * 4
    assert not list((package / "engine").glob(".draft-*"))


def test_a_table_is_made_once_and_mapped(tmp_path: Path) -> None:
    """By model, snapshot and name; another shape than is asked for is made again; nobody writes to it."""
    keep = Keep(tmp_path / "engine", "m" * 16, "s" * 16)
    made = []

    def make(value: int, shape: tuple[int, int] = (3, 8)) -> Any:
        made.append(value)
        return np.full(shape, value, np.uint8)

    first = keep.table("items", (3, 8), lambda: make(1))
    again = keep.table("items", (3, 8), lambda: make(2))
    assert (first == 1).all()
    assert (again == 1).all()
    assert not again.flags.writeable
    assert (keep.table("items", (4, 8), lambda: make(3, (4, 8))) == 3).all()
    other = Keep(tmp_path / "engine", "m" * 16, "t" * 16)
    assert (other.table("items", (3, 8), lambda: make(4)) == 4).all()
    assert keep.table("nothing", (0, 8), lambda: make(5, (0, 8))).shape == (0, 8)
    assert made == [1, 3, 4, 5]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "engine").iterdir()} == {0o444}


def test_scores_are_kept_by_name(tmp_path: Path) -> None:
    """Cut short they are asked for again."""
    keep = Keep(tmp_path, "m" * 16, "s")
    assert keep.scores("a", lambda: np.array([1.5])).tolist() == [1.5]
    assert keep.scores("a", lambda: np.array([2.5])).tolist() == [1.5]
    (path,) = tmp_path.glob("proof-*-a-*.npy")
    overwrite(path, b"")
    assert keep.scores("a", lambda: np.array([3.5])).tolist() == [3.5]


def test_a_models_digest_is_of_its_content(tmp_path: Path) -> None:
    """16 hex digits of the SHA-256."""
    (tmp_path / "model.cb").write_bytes(b"")
    assert model_digest(tmp_path / "model.cb") == "e3b0c44298fc1c14"
