"""What logged decisions refer to, where it is still here."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from bentos.home.live_files import LiveFileError, live_under
from bentos.home.state import Home
from experiments.config.live import Exploration
from models.catalogue.catalogue import Catalogue, CatalogueError
from models.declaration.declaration import Declaration
from models.package import PackageError, read_declaration
from monitoring.log.known_outcomes import numbers, unusable
from monitoring.log.version_name import VersionName, VersionNameError


class Referenced:
    """Packages, snapshots and live files that rows of the view `decisions` name; each opened once."""

    def __init__(self, home: Home) -> None:
        self.functions = home.functions
        self.catalogue = cache(lambda snapshot: _catalogue(home.catalogue / snapshot))
        self.declaration = cache(partial(_declaration, home))
        self.exploration = cache(partial(exploration_under, home))

    def of(self, row: Any) -> tuple[Declaration, Catalogue, Exploration]:
        """What a decision that is not refused refers to."""
        found = self.declaration(row.model), self.catalogue(row.snapshot), self.exploration(row.experiments)
        return cast("tuple[Declaration, Catalogue, Exploration]", found)

    def refusal(self, row: Any) -> str | None:
        """Why a decision can't be exported, if it can't; `row` is one of `known_outcomes.read_decisions`."""
        if np.isnan(numbers(row.scores)).all():
            return "without scores: under a fallback"
        why = unusable(row, fallbacks=True)
        if why is not None:
            return why
        if self.exploration(row.experiments) is None:
            return "whose live.yaml is gone"
        if self.declaration(row.model) is None:
            return "whose version is not here"
        return None if self.catalogue(row.snapshot) is not None else "whose catalogue snapshot is gone"


def _catalogue(folder: Path) -> Catalogue | None:
    try:
        return Catalogue.open(folder)
    except CatalogueError:
        return None


def _declaration(home: Home, model: str) -> Declaration | None:
    try:
        return read_declaration(home.version(VersionName.parse(model).number))
    except (PackageError, VersionNameError):
        return None


def exploration_under(home: Home, digest: str) -> Exploration | None:
    """How the live.yaml of a digest explores; None where it does not, or where it is gone or damaged."""
    try:
        return live_under(home, digest).exploration
    except LiveFileError:
        return None
