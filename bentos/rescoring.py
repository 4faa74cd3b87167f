"""Decisions of the log scored again: by the version that served, on the snapshot that served, bit for bit.

A record has the scores as served. Where a correction made them, the model's own are worked out again; what
the record's own correction makes of them must then be the served ones, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import ArrayLike, NDArray

from bentos.corrections import CorrectionUnreadable, read_correction
from bentos.state import Home
from monitoring.correction import Correction

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.engine import Engine

Floats = NDArray[np.float64]


class Logged(NamedTuple):
    """What of a record is needed; `scores` and `items` are those of the slate, best position first."""

    snapshot: str
    context: Mapping[str, Any]
    candidates: list[Any]
    slate: NDArray[np.int64]
    scores: Floats
    correction: str | None


class Rescored(NamedTuple):
    """A decision scored again: `raw` are the model's own scores of the slate's items (NaN: unknown), `known`
    the number of candidates that the catalogue has, `same` whether the record's scores come out of it."""

    raw: Floats
    known: int
    same: bool


class Rescorer:
    """Scores decisions again by one version's package; an engine is loaded for each snapshot it meets."""

    def __init__(self, home: Home, package: Path) -> None:
        self._home = home
        self._package = package
        self._engine = cache(self._load)
        self._correction = cache(self._read)

    def score(self, logged: Logged) -> Rescored:
        """Score one decision. Raises CatalogueError, EngineError or ContextError where that can't be done."""
        from models.features import parse_context

        engine, catalogue = self._engine(logged.snapshot)
        spec = engine.spec
        own = spec.numeric_position.keys() | spec.categorical_position.keys()
        context = parse_context(spec, {name: logged.context[name] for name in own & logged.context.keys()})
        rows = catalogue.rows(logged.candidates)
        asked = rows[logged.slate]
        raw = np.full(len(asked), np.nan)
        raw[asked >= 0] = engine.score(asked[asked >= 0], context)
        return Rescored(raw, int((rows >= 0).sum()), self._same(logged, raw))

    def _same(self, logged: Logged, raw: Floats) -> bool:
        try:
            correction = None if logged.correction is None else self._correction(logged.correction)
        except CorrectionUnreadable:
            return False
        served = raw if correction is None else correction.apply(raw)
        return bool(np.array_equal(served, logged.scores, equal_nan=True))

    def _load(self, snapshot: str) -> tuple[Engine, Catalogue]:
        from models.catalogue import Catalogue
        from models.engine import load_engine

        catalogue = Catalogue.open(self._home.catalogue / snapshot)
        return load_engine(self._package, catalogue), catalogue

    def _read(self, digest: str) -> Correction:
        return read_correction(self._home, digest).correction


def logged(row: Any) -> Logged:
    """From a row of the log's view `decisions`."""
    candidates = [int(each) for each in row.candidates] if row.integer_ids else list(row.candidates)
    return Logged(
        str(row.snapshot),
        orjson.loads(row.context),
        candidates,
        np.asarray(row.slate, dtype=np.int64),
        np.array(row.scores, dtype=np.float64),
        row.correction if isinstance(row.correction, str) else None,
    )


class Uncorrected:
    """The model's own scores from served ones, by undoing the record's correction: right but for rounding.

    For what compares distributions; who needs them exactly scores again.
    """

    def __init__(self, home: Home) -> None:
        self._read = cache(lambda digest: read_correction(home, digest).correction)

    def of(self, scores: ArrayLike, correction: object) -> list[float | None]:
        """The slate's scores, NaN for an unknown item. Raises CorrectionUnreadable."""
        served = np.array(scores, dtype=np.float64)
        own = self._read(correction).undone(served) if isinstance(correction, str) else served
        return list(map(float, own))
