"""The minutes clock: a share of the requests is scored once more, off their path, from the record alone."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.quantities import APART, SERVED, TAILS, Observed
from bentos.control.guard.watched_version import Watched
from bentos.home.corrections import CorrectionUnreadable, read_correction
from bentos.home.state import Home
from models.catalogue.catalogue import Catalogue
from models.engine import Engine, Job, load_engine
from models.features import own_context
from models.package import read_certificate, read_manifest
from monitoring.guard.ordering import disagreement, outside
from monitoring.log.record import Decision

logger = logging.getLogger(__name__)

ENGINES = 6  # loaded at a time

Floats = NDArray[np.float64]


class Again:
    """Scores records with what is on disk now."""

    def __init__(self, versions: Path, catalogues: Path) -> None:
        self._versions = versions
        self._catalogues = catalogues
        self._engines: OrderedDict[tuple[str, str], tuple[Engine, Catalogue]] = OrderedDict()
        self._said: set[str] = set()

    def observe(self, decision: Decision, watched: Watched, other: str | None) -> Observed:
        """What one scored decision tells of the version that made it; `other` is whom it is held against."""
        places, served = scored(decision)
        found: Observed = {}
        own = self._scores(watched.version, decision, places)
        usual = served if decision.correction is None else own  # the reference knows the model's own scores
        if usual is not None and len(usual):
            found[TAILS] = [outside(usual, *watched.tails) or 0.0]
        if own is None:
            return found
        expected = self._corrected(decision, own)
        if not decision.fallback and expected is not None:
            found[SERVED] = [float((expected.view(np.uint64) != served.view(np.uint64)).any())]
        its = None if other is None else self._scores(other, decision, places)
        apart = None if its is None else disagreement(own, its)
        return found if apart is None else found | {APART: [apart]}

    def _corrected(self, decision: Decision, own: Floats) -> Floats | None:
        """What the record's correction makes of the engine's scores; None where it is not to be had."""
        if decision.correction is None:
            return own
        try:
            return read_correction(Home(self._versions.parent), decision.correction).correction.apply(own)
        except CorrectionUnreadable as error:
            self._say(str(error))
            return None

    def forget(self, subject: str) -> None:
        """Load a version, or what is on a snapshot, anew when it is needed next: its files have changed."""
        for key in [key for key in self._engines if subject in key]:
            del self._engines[key]

    def apart(self, version: str, other: str) -> float | None:
        """How far two versions' orders are apart on the first one's certified requests; None: too little."""
        try:
            package = self._versions / version
            snapshot = read_manifest(package).snapshot
            engines = [self._engine(each, snapshot)[0] for each in (version, other)]
            rows = self._engine(version, snapshot)[1].rows
            found = []
            for request in read_certificate(package).requests:
                job = [
                    Job(rows(list(request.items)), own_context(each.spec, request.context))  # type: ignore[arg-type]
                    for each in engines
                ]
                one, two = (
                    engine.score(each.rows, each.context) for engine, each in zip(engines, job, strict=True)
                )
                found.append(disagreement(one, two))
        except Exception as error:  # two versions of other features can't be compared
            self._say(f"versions {version} and {other} are not compared: {error}")
            return None
        told = [each for each in found if each is not None]
        return float(np.mean(told)) if len(told) >= 20 else None

    def _scores(self, version: str, decision: Decision, places: list[int]) -> Floats | None:
        try:
            engine, catalogue = self._engine(version, decision.snapshot)
            rows = catalogue.rows([decision.candidates[place] for place in places])  # type: ignore[arg-type]
            return engine.score(rows, own_context(engine.spec, decision.context))
        except Exception as error:  # not served with this catalogue, or its files are broken: others see that
            self._say(f"version {version} can't score again: {error}")
            return None

    def _engine(self, version: str, snapshot: str) -> tuple[Engine, Catalogue]:
        key = (version, snapshot)
        if key not in self._engines:
            catalogue = Catalogue.open(self._catalogues / snapshot)
            self._engines[key] = load_engine(self._versions / version, catalogue), catalogue
            while len(self._engines) > ENGINES:
                self._engines.popitem(last=False)
        self._engines.move_to_end(key)
        return self._engines[key]

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            logger.warning("%s", what)


def scored(decision: Decision) -> tuple[list[int], Floats]:
    """Places in `candidates` of the items with a score, and the scores."""
    pairs = [
        (place, score)
        for place, score in zip(decision.slate, decision.scores, strict=True)
        if score is not None
    ]
    return [place for place, _ in pairs], np.array([score for _, score in pairs], np.float64)


def unknown(decision: Decision) -> float:
    """The share of the served items that the catalogue lacks."""
    return 1 - len(scored(decision)[0]) / max(1, len(decision.slate))
