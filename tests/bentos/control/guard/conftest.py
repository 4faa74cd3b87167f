"""A small trained package, made once, and a ranker that serves it under a guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.declaration.declaration import Declaration
from tests.bentos.control.guard.answering import GUARD
from tests.faults.months import Stage
from tests.models.small import declare, trained

Made = tuple[Declaration, Path, Path]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A declaration, a package trained from it, and its catalogues."""
    folder = tmp_path_factory.mktemp("watched")
    declared = declare(folder / "declared")
    return declared, trained(folder / "home", declared), folder / "home" / "small" / "catalogue"


@pytest.fixture
def stage(made: Made, tmp_path: Path) -> Iterator[Stage]:
    """The package as champion 1 and challenger 2, which the guard has begun to watch."""
    declared, package, catalogues = made
    with Stage.of(package, catalogues, declared.folder / "ranker.toml", tmp_path, ("1", "2")) as found:
        found.watcher.look()
        yield found


@pytest.fixture
def guarded(made: Made, tmp_path: Path) -> Iterator[Stage]:
    """The package as the only version, with a fallback order declared; the declaration is guarded.toml."""
    declared, package, catalogues = made
    declaration = declared.folder / "guarded.toml"
    declaration.write_text((declared.folder / "ranker.toml").read_text() + GUARD)
    with Stage.of(package, catalogues, declaration, tmp_path, ("1",)) as found:
        yield found
