"""A share of the requests scored once more, from the record and from what is on disk now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.engines import Engines
from bentos.control.guard.quantities import APART, SERVED, TAILS, Observed
from bentos.control.guard.record_head import RecordHead, whole
from bentos.control.guard.watched_version import WatchedVersion
from bentos.home.corrections import CorrectionUnreadable, read_correction
from bentos.home.state import Home
from models.features import own_context
from models.package import read_certificate, read_manifest
from monitoring.guard.ordering import disagreement, outside
from monitoring.log.record import Decision
from monitoring.log.version_name import VersionName
from monitoring.metrics import kind_of

logger = logging.getLogger(__name__)

AT_MOST = 500  # records of one look
COMPARED = 20  # requests without which two versions are not compared

Floats = NDArray[np.float64]


class Apart(NamedTuple):
    """The mean disagreement of two versions, (1 − Spearman) / 2; None where nobody can say: `why`."""

    mean: float | None
    why: str = ""


class _Trouble(NamedTuple):
    """What scoring again ran into, and of which version."""

    version: str
    what: str


class SampleRescorer:
    """Scores recorded decisions once more, by the version that made them and by another one.

    What it runs into is logged once, gives no observation, and is `failing` until it works again.
    """

    def __init__(
        self, versions: Path, catalogues: Path, functions: Callable[[], Collection[str]] = frozenset
    ) -> None:
        self._versions = versions
        self._engines = Engines(versions, catalogues, functions)
        self._said: set[str] = set()
        self._failing: dict[str, list[_Trouble]] = {}  # by version: what its last decision ran into

    def failing(self, serving: Set[str], damaged: Set[str] = frozenset()) -> list[str]:
        """What could not be worked out of the last decision of each version that serves, as sentences.

        That those versions can't be loaded whose files are known to be `damaged` is no failure of the guard.
        """
        self._failing = {version: why for version, why in self._failing.items() if version in serving}
        troubles = {each for why in self._failing.values() for each in why if each.version not in damaged}
        return sorted(each.what for each in troubles)

    def observe(self, decision: Decision, watched: WatchedVersion, other: str | None) -> Observed:
        """What one scored decision tells of its version, `watched`; `other` is the version to compare with.

        SERVED is 1 where the served scores do not come out again, bit for bit.
        """
        self._failing[watched.version] = []
        places, served = scored(decision)
        found: Observed = {}
        own = self._scores(watched.version, decision, places)
        usual = served if decision.correction is None else own  # the reference has the model's own scores
        if usual is not None and len(usual):
            found[TAILS] = [outside(usual, *watched.tails) or 0.0]
        if own is None:
            return found
        expected = self._corrected(decision, own)
        if not decision.fallback and expected is not None:
            found[SERVED] = [float((expected.view(np.uint64) != served.view(np.uint64)).any())]
        others = None if other is None else self._scores(other, decision, places)
        apart = None if others is None else disagreement(own, others)
        return found if apart is None else found | {APART: [apart]}

    def apart(self, version: str, other: str) -> Apart:
        """How far apart two versions are on the first one's certified requests."""
        try:
            found = self._disagreements(version, other)
        except Exception as error:  # of other features, or not to be loaded
            self._say(f"versions {version} and {other} are not compared: {error}")
            return Apart(None, str(error))
        told = [each for each in found if each is not None]
        if len(told) < COMPARED:
            few = (
                f"{len(told)} certified requests have an order to compare: at least {COMPARED} tell something"
            )
            return Apart(None, few)
        return Apart(float(np.mean(told)))

    def forget(self, subject: str) -> None:
        """Load a version, or what is on a snapshot, anew when it is needed next: its files have changed."""
        self._engines.forget(subject)

    def _disagreements(self, version: str, other: str) -> list[float | None]:
        package = self._versions / version
        snapshot = read_manifest(package).snapshot
        engines = [self._engines.get(each, snapshot)[0] for each in (version, other)]
        catalogue = self._engines.get(version, snapshot)[1]
        found = []
        for request in read_certificate(package).requests:
            rows = catalogue.rows(list(request.items))  # type: ignore[arg-type]
            one, two = (engine.score(rows, own_context(engine.spec, request.context)) for engine in engines)
            found.append(disagreement(one, two))
        return found

    def _corrected(self, decision: Decision, own: Floats) -> Floats | None:
        """What the record's correction makes of the engine's scores; None where it can't be read."""
        if decision.correction is None:
            return own
        try:
            return read_correction(Home(self._versions.parent), decision.correction).correction.apply(own)
        except CorrectionUnreadable as error:
            self._fail(decision, VersionName.parse(decision.model).number, str(error))
            return None

    def _scores(self, version: str, decision: Decision, places: list[int]) -> Floats | None:
        """A version's own scores of some of the candidates; None where it can't give any."""
        try:
            engine, catalogue = self._engines.get(version, decision.snapshot)
            rows = catalogue.rows([decision.candidates[place] for place in places])  # type: ignore[arg-type]
            return engine.score(rows, own_context(engine.spec, decision.context))
        except (
            Exception
        ) as error:  # not served with this catalogue; or broken files, which `file_proofs` finds
            self._fail(decision, version, f"version {version} can't score again: {error}")
            return None

    def _fail(self, decision: Decision, version: str, what: str) -> None:
        self._say(what)
        trouble = _Trouble(version, what)
        self._failing.setdefault(VersionName.parse(decision.model).number, []).append(trouble)

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            logger.warning("%s", what)


def sample(heads: Iterable[RecordHead], share: float) -> Iterator[Decision]:
    """The declared share of the decisions, 500 at most, as far as a version scored them."""
    sampled = [each for each in heads if each.sampled(share)]
    for decision in whole(sampled[:AT_MOST]):
        if kind_of(decision.fallback) in {"none", "arm unavailable"}:
            yield decision


def scored(decision: Decision) -> tuple[list[int], Floats]:
    """Places in `candidates` of the items with a score, and the scores."""
    pairs = [
        (place, score)
        for place, score in zip(decision.slate, decision.scores, strict=True)
        if score is not None
    ]
    return [place for place, _ in pairs], np.array([score for _, score in pairs], np.float64)
