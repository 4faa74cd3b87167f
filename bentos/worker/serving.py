"""What one worker serves: everything an answer needs, loaded for one epoch and swapped as one reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec
import numpy as np

from bentos.home.corrections import Published, read_correction
from bentos.home.live_files import live_under
from bentos.home.state import CHAMPION, Home, State
from bentos.worker.arm_texts import ArmTexts, arm_texts
from experiments.assignment.plan import Plan, compile_plan
from experiments.config.live import Live
from models.catalogue.catalogue import Catalogue
from models.engine import Engine, Halted, load_engine
from models.features import FeatureSpec, parse_context
from models.package import read_certified, read_declaration, read_manifest, verify_files
from models.serving import certified
from models.serving.table_reach import NOTHING_KNOWN, TableReach, read_reach, widest
from monitoring.errors import UserError
from monitoring.guard.sanity import ScoreRange
from monitoring.log.version_name import VersionName


class ServingError(UserError):
    """A state that this worker can't serve; the message names what is missing."""


class Unloadable(ServingError):  # noqa: N818 - a state of this host's disk
    """A version whose package can't be loaded here; `version` is its number."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"version {version}: {why}")
        self.version = version


@dataclass(frozen=True)
class LoadedVersion:
    """A loaded version: `name` is what answers and records carry.

    `catalogue` is the current snapshot, or that of its training where the current one lacks its features.
    """

    number: str
    name: str
    engine: Engine
    catalogue: Catalogue
    believable: ScoreRange  # from the scores that training certified
    correction: Published | None = None  # turns its probabilities into those that are served
    stopped: str | None = None  # why it must not score: what the guard found
    reach: TableReach = NOTHING_KNOWN  # times and outcomes of the table that it was trained on


@dataclass(frozen=True)
class Serving:
    """All that one epoch's answers are made of. Immutable: a request keeps the one it began with."""

    state: State
    catalogue: Catalogue
    versions: Mapping[str, LoadedVersion]  # by reference, as experiments write it: @champion, @challenger, 7
    live: Live
    plan: Plan  # of `live`: what a request is assigned by
    context_names: frozenset[str]  # of all versions: what one of them knows is no error for another

    @cached_property
    def reach(self) -> TableReach:
        """Which times and outcomes may be meant."""
        return widest((each.reach for each in self.versions.values()), self.state.outcomes)

    @property
    def arm_texts(self) -> ArmTexts:
        """The JSON of all arms of the plan."""
        return arm_texts(self.plan)

    @property
    def champion(self) -> LoadedVersion:
        """The version that serves whoever no experiment says otherwise for."""
        return self.versions[CHAMPION]

    def catalogues(self) -> list[Catalogue]:
        """The current catalogue, and that of every version."""
        return [self.catalogue, *(version.catalogue for version in self.versions.values())]


def load(home: Home, state: State, before: Serving | None) -> Serving:
    """Load what `state` names, taking over from `before` what has not changed.

    Raises:
        ServingError: there is no champion, or something that the state names can't be loaded.
    """
    if CHAMPION not in state.versions:
        raise ServingError(f"state of epoch {state.epoch}: no champion has passed the gate yet")
    catalogue = _absent(home, state) if state.distrusted else _catalogue(home, state.snapshot, before)
    by_number = {
        number: _corrected(home, state, _version(home, state, number, catalogue, before))
        for number in sorted(set(state.versions.values()))
    }
    versions = {reference: by_number[number] for reference, number in state.versions.items()}
    names = frozenset(name for version in by_number.values() for name in version.engine.spec.context_fields)
    return Serving(state, catalogue, versions, *_live(home, state, before), names)


def _catalogue(home: Home, snapshot: str, before: Serving | None) -> Catalogue:
    """The snapshot: the one that `before` has open, or else opened from the home."""
    for held in [] if before is None else before.catalogues():
        if held.snapshot == snapshot and held.size:  # an empty one stands for files that were not to be read
            return held
    return Catalogue.open(home.catalogue / snapshot)


def _version(
    home: Home, state: State, number: str, current: Catalogue, before: Serving | None
) -> LoadedVersion:
    """One version: stopped, taken over from `before`, or loaded from its package."""
    why = _why_stopped(state, number)
    if why is not None:
        return stopped_version(state.ranker, number, current, why, read_reach(home.version(number)))
    held = _held(before, number, current)
    if held is not None:
        return held
    try:
        package, catalogue = home.version(number), current
        if not _covers(current, read_declaration(package).spec):
            catalogue = _catalogue(home, read_manifest(package).snapshot, before)
        return _taken_over(before, number, catalogue) or _loaded(home, state, number, catalogue)
    except (UserError, OSError) as error:
        raise Unloadable(number, str(error)) from error


def _held(before: Serving | None, number: str, current: Catalogue) -> LoadedVersion | None:
    """A version as it is in memory, where nothing that it was loaded with has changed.

    It was proven when it was loaded, so nothing of its package is read: that may be damaged by now.
    """
    if before is None or before.catalogue is not current:
        return None
    found = (each for each in before.versions.values() if each.number == number and each.stopped is None)
    return next(found, None)


def _taken_over(before: Serving | None, number: str, catalogue: Catalogue) -> LoadedVersion | None:
    """The same version over the same catalogue, where it was loaded before and may score."""
    for version in () if before is None else before.versions.values():
        if version.number == number and version.catalogue is catalogue and version.stopped is None:
            return version
    return None


def _loaded(home: Home, state: State, number: str, catalogue: Catalogue) -> LoadedVersion:
    """A version from its package, once it gives the scores that training certified."""
    package = home.version(number)
    verify_files(package)  # before CatBoost reads one of them
    engine = load_engine(package, catalogue, home.functions)
    certificate = read_certified(package)
    differs = certified.difference(
        package, certificate, engine, catalogue, home.catalogue, functions=home.functions
    )
    if differs is not None:
        raise ServingError(differs)
    _warm(engine, catalogue)
    believable = ScoreRange.of(certificate.scores)
    name, reach = str(VersionName(state.ranker, number)), read_reach(package)
    return LoadedVersion(number, name, engine, catalogue, believable, reach=reach)


def _corrected(home: Home, state: State, version: LoadedVersion) -> LoadedVersion:
    """The version with the correction that the state names, which is read where it is another one."""
    digest = state.corrections.get(version.number)
    if digest == (None if version.correction is None else version.correction.digest):
        return version
    return replace(version, correction=None if digest is None else read_correction(home, digest))


def _why_stopped(state: State, number: str) -> str | None:
    """Why the guard lets this version not score; None where it may."""
    why = state.distrusted or state.stopped.get(number)
    return f"stopped by the guard: {why}" if why else None


def stopped_version(
    ranker: str, number: str, catalogue: Catalogue, why: str, reach: TableReach = NOTHING_KNOWN
) -> LoadedVersion:
    """A version that answers in the fallback order and says why; nothing of its package is read."""
    name, believable = str(VersionName(ranker, number)), ScoreRange(-np.inf, np.inf)
    return LoadedVersion(number, name, Halted(why), catalogue, believable, stopped=why, reach=reach)


def without_stopped(serving: Serving, state: State) -> Serving:
    """What is served without the versions that `state` stops; for use until that state is loaded."""
    versions = dict(serving.versions)
    for reference, version in serving.versions.items():
        why = _why_stopped(state, version.number)
        if why is not None and version.stopped is None:
            versions[reference] = stopped_version(
                state.ranker, version.number, version.catalogue, why, version.reach
            )
    distrusted = state.distrusted or serving.state.distrusted
    own = msgspec.structs.replace(
        serving.state, fallback=state.fallback, distrusted=distrusted, outcomes=state.outcomes
    )
    return replace(serving, state=own, versions=versions)


def without_catalogue(serving: Serving, why: str) -> Serving:
    """What is served, with every version stopped and an empty catalogue: no mapped file is read any more."""
    distrusted = msgspec.structs.replace(serving.state, distrusted=why)
    stopped = without_stopped(serving, distrusted)
    empty = _emptied(serving.catalogue)
    versions = {reference: replace(each, catalogue=empty) for reference, each in stopped.versions.items()}
    return replace(stopped, catalogue=empty, versions=versions)


def _emptied(catalogue: Catalogue) -> Catalogue:
    return Catalogue.absent(catalogue.snapshot, catalogue.id_type) if catalogue.size else catalogue


def _absent(home: Home, state: State) -> Catalogue:
    """An empty catalogue for a snapshot that is not to be read; its ids have the type of the champion's."""
    items = read_certified(home.version(state.versions[CHAMPION])).requests[0].items
    return Catalogue.absent(state.snapshot, type(items[0]))


def _covers(catalogue: Catalogue, spec: FeatureSpec) -> bool:
    """Whether the catalogue has every item feature that a version was trained on."""
    numeric, categorical = set(catalogue.numeric_names), set(catalogue.categorical_names)
    return numeric.issuperset(spec.item_numeric) and categorical.issuperset(spec.item_categorical)


def _warm(engine: Engine, catalogue: Catalogue) -> None:
    """Score once, so that no request pays for compiled code being read from disk."""
    context = parse_context(engine.spec, {})
    for count in (1, min(catalogue.size, 300)):
        engine.score(np.arange(count, dtype=np.int64), context)


def _live(home: Home, state: State, before: Serving | None) -> tuple[Live, Plan]:
    if before is not None and before.state.experiments == state.experiments:
        return before.live, before.plan
    live = live_under(home, state.experiments)
    plan = compile_plan(live)
    arm_texts(plan)  # no request pays for it
    return live, plan
