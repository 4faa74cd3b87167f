"""Decisions of the log scored again: by the version that served, on the snapshot that served, bit for bit.

A record has the scores as served. Where a correction made them, the model's own are worked out again; what
the record's own correction makes of them must then be the served ones, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from bentos.home.corrections import CorrectionUnreadable, read_correction
from bentos.home.state import Home
from models.catalogue.catalogue import Catalogue
from models.engine import Engine, load_engine
from models.features import own_context
from models.package import MODEL
from monitoring.calibration.correction import Correction
from monitoring.log.known_outcomes import numbers

Floats = NDArray[np.float64]
KEPT = 6
"""Versions on snapshots that stay loaded, for who asks again: a person, or the next window."""


class Logged(NamedTuple):
    """What of a record is needed; `scores` and `items` are those of the slate, best position first."""

    snapshot: str
    context: Mapping[str, Any]
    candidates: list[Any]
    slate: NDArray[np.int64]
    scores: Floats
    correction: str | None


class Rescored(NamedTuple):
    """A decision scored again: `raw` are the model's own scores of the slate's items (NaN: unknown), `served`
    what the record's correction makes of them (None where it is gone), `known` the number of candidates that
    the catalogue has."""

    raw: Floats
    known: int
    served: Floats | None
    same: bool  # whether the record's scores come out of it


class Versioned(NamedTuple):
    """A version on a snapshot of the catalogue, as it scored what is on record."""

    engine: Engine
    catalogue: Catalogue

    def score(self, rows: NDArray[np.int64], recorded: Mapping[str, Any]) -> Floats:
        """The model's own scores of rows of the catalogue, float64 (n); NaN for −1, an item it lacks.

        Raises ContextError.
        """
        found = np.full(len(rows), np.nan)
        found[rows >= 0] = self.engine.score(rows[rows >= 0], own_context(self.engine.spec, recorded))
        return found


def on_snapshots(home: Home, package: Path) -> Callable[[str], Versioned]:
    """Snapshot → the package on it, loaded once each. The call raises CatalogueError or EngineError."""
    return cache(partial(_on_snapshot, home, package))


def _on_snapshot(home: Home, package: Path, snapshot: str) -> Versioned:
    folder = home.catalogue / snapshot
    return _loaded(folder, package, home.functions, (_which(package / MODEL), _which(folder)))


def _which(path: Path) -> tuple[int, int] | None:
    """Tells a file from another one that takes its place; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


@lru_cache(KEPT)
def _loaded(
    snapshot: Path, package: Path, functions: frozenset[str], _: tuple[tuple[int, int] | None, ...]
) -> Versioned:
    """Kept while the package's file and the snapshot are the same ones."""
    catalogue = Catalogue.open(snapshot)
    return Versioned(load_engine(package, catalogue, functions), catalogue)


class Rescorer:
    """Scores decisions again by one version's package; `on` has it on a snapshot, loaded once each."""

    def __init__(self, home: Home, package: Path) -> None:
        self.on = on_snapshots(home, package)
        self._correction = cache(partial(_correction, home))

    def score(self, logged: Logged) -> Rescored:
        """Score one decision. Raises CatalogueError, EngineError or ContextError where that can't be done."""
        version = self.on(logged.snapshot)
        rows = version.catalogue.rows(logged.candidates)
        raw = version.score(rows[logged.slate], logged.context)
        served = self._corrected(logged, raw)
        same = served is not None and np.array_equal(served, logged.scores, equal_nan=True)
        return Rescored(raw, int((rows >= 0).sum()), served, bool(same))

    def _corrected(self, logged: Logged, raw: Floats) -> Floats | None:
        if logged.correction is None:
            return raw
        try:
            return self._correction(logged.correction).apply(raw)
        except CorrectionUnreadable:
            return None


def candidates_of(row: Any) -> list[Any]:
    """Ids as the catalogue has them, of a row of the log's view `decisions`, where all are text."""
    return [int(each) for each in row.candidates] if row.integer_ids else list(row.candidates)


def logged(row: Any) -> Logged:
    """From a row of the log's view `decisions`."""
    return Logged(
        str(row.snapshot),
        orjson.loads(row.context),
        candidates_of(row),
        np.asarray(row.slate, dtype=np.int64),
        numbers(row.scores),
        row.correction if isinstance(row.correction, str) else None,
    )


class Uncorrected:
    """The model's own scores from served ones, by undoing the record's correction: right but for rounding.

    For what compares distributions; who needs them exactly scores again.
    """

    def __init__(self, home: Home) -> None:
        self._correction = cache(partial(_correction, home))

    def of(self, scores: ArrayLike, correction: object) -> list[float | None]:
        """The slate's scores, NaN for an unknown item. Raises CorrectionUnreadable."""
        served = np.array(scores, dtype=np.float64)
        own = self._correction(correction).undone(served) if isinstance(correction, str) else served
        return list(map(float, own))


def _correction(home: Home, digest: str) -> Correction:
    return read_correction(home, digest).correction
