"""Another process writes into files that a worker has mapped: no answer is made of what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bentos.worker.follower import Follower
from bentos.worker.mapped_files import Mapped
from models.engine import KEPT
from models.features import parse_context
from tests.bentos.worker.writing import writer
from tests.faults.months import Stage
from tests.models.small import declare, trained
from tests.overwrite import overwrite

ROWS = np.arange(300)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A package, its catalogues, its declaration."""
    folder = tmp_path_factory.mktemp("mapped")
    declared = declare(folder / "declared")
    package = trained(folder / "home", declared)
    return package, folder / "home" / "small" / "catalogue", declared.folder / "ranker.toml"


@pytest.fixture
def stage(made: tuple[Path, Path, Path], tmp_path: Path) -> Iterator[Stage]:
    with Stage.of(*made, tmp_path) as found:
        yield found


@pytest.fixture
def worker(stage: Stage) -> Follower:
    worker = Follower(stage.home, "ranker", mapped=Mapped(stage.home))
    worker.look()
    assert worker.problem is None
    return worker


def scores(worker: Follower) -> bytes:
    """The champion's, to the bit; halted engines have none."""
    assert worker.current is not None
    version = worker.current.champion
    assert version.stopped is None, version.stopped
    context = parse_context(version.engine.spec, {"hour": 7.0})
    return version.engine.score(ROWS, context).tobytes()


def numbers(worker: Follower) -> Path:
    assert worker.current is not None
    return worker.current.catalogue.folder / "numeric.npy"


def withdrawn(worker: Follower) -> str:
    """Why no version scores; the reason that its answers will carry."""
    assert worker.current is not None
    assert worker.current.champion.stopped is not None
    return worker.current.champion.stopped


def test_what_is_written_into_is_not_read(worker: Follower) -> None:
    """Until the worker has let go nothing is written; damaged files don't serve, mended ones do."""
    path, right = numbers(worker), scores(worker)
    content = path.read_bytes()
    with writer(path, "zeros") as process:
        assert process.poll() is None
        assert scores(worker) == right
        worker.look()
        assert process.wait(10) == 0
    assert withdrawn(worker).startswith("stopped by the guard: catalogue files: somebody opens ")
    assert path.read_bytes() != content
    worker.look()
    assert "has content of digest" in str(worker.problem)
    assert withdrawn(worker)
    overwrite(path, content)
    worker.look()
    assert worker.problem is None
    assert scores(worker) == right


def test_what_is_cut_short_kills_nobody(worker: Follower) -> None:
    """A page that is gone would be the end of this process."""
    path, right = numbers(worker), scores(worker)
    with writer(path, "cut") as process:
        assert scores(worker) == right
        worker.look()
        assert process.wait(10) == 0
    assert path.stat().st_size == 200
    assert withdrawn(worker)
    worker.look()
    assert "numeric.npy has 200 bytes: meta.json says" in str(worker.problem)


def test_what_was_only_opened_serves_again(worker: Follower) -> None:
    """Proven whole at the next look."""
    path, right = numbers(worker), scores(worker)
    with writer(path, "nothing"):
        worker.look()
    worker.look()
    assert worker.problem is None
    assert scores(worker) == right


def test_what_an_engine_keeps_is_made_again(worker: Follower, stage: Stage) -> None:
    """A table that somebody wrote into is nobody's any more."""
    [path] = (stage.home.version("1") / KEPT).glob("table-*.npy")
    content, right = path.read_bytes(), scores(worker)
    with writer(path, "zeros") as process:
        assert scores(worker) == right
        worker.look()
        assert process.wait(10) == 0
    worker.look()
    assert scores(worker) == right
    assert path.read_bytes() == content


def test_what_is_being_written_is_not_served(stage: Stage) -> None:
    """A file that is open for writing is not loaded: its writer could go on."""
    worker = Follower(stage.home, "ranker", mapped=Mapped(stage.home))
    [path] = stage.home.catalogue.glob("*/numeric.npy")
    path.chmod(0o644)
    with path.open("r+b"):
        worker.look()
        assert worker.current is None
        assert f"somebody has it open for writing: '{path}'" in str(worker.problem)
    worker.look()
    assert scores(worker)


def test_published_files_are_read_only(stage: Stage) -> None:
    """Who would write into one is told so; root is not."""
    files = [*stage.home.catalogue.glob("*/*.*"), *(stage.home.version("1") / KEPT).glob("*")]
    assert files
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o444"}
