"""What one worker serves: everything an answer needs, loaded for one epoch and swapped as one reference."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from bentos.home.corrections import Published, read_correction
from bentos.home.live_files import live_under
from bentos.home.state import CHAMPION, Home, State, StateError, StateWatch, acknowledge
from bentos.worker.mapped_files import Mapped
from bentos.worker.priority import thread_behind
from experiments.config.live import Live
from models.catalogue.catalogue import Catalogue
from models.engine import Engine, Halted, load_engine
from models.features import FeatureSpec, parse_context
from models.package import read_certified, read_declaration, read_manifest
from models.serving import certified
from monitoring.errors import UserError
from monitoring.guard.sanity import ScoreRange

logger = logging.getLogger("bentos.worker.serving")

POLL = 0.1  # seconds between two looks at the state
GRACE = 5.0  # seconds for requests under way, before files that they read are given to who would write


class ServingError(UserError):
    """A state that this worker can't serve; the message names what is missing."""


@dataclass(frozen=True)
class Version:
    """A loaded version: `name` is what answers and records carry.

    `catalogue` is the current snapshot, or that of its training where the current one lacks its features.
    """

    number: str
    name: str
    engine: Engine
    catalogue: Catalogue
    believable: ScoreRange  # from the scores that training certified
    correction: Published | None = None  # what turns its probabilities into those that are served
    stopped: str | None = None  # why it must not score: what the guard found


@dataclass(frozen=True)
class Serving:
    """All that one epoch's answers are made of. Immutable: a request keeps the one it began with."""

    state: State
    catalogue: Catalogue
    versions: Mapping[str, Version]  # by reference, as experiments write it: @champion, @challenger, 7
    live: Live
    context_names: frozenset[str]  # of all versions: what one of them knows is no error for another

    @property
    def champion(self) -> Version:
        """The version that serves whoever no experiment says otherwise for."""
        return self.versions[CHAMPION]


def load(home: Home, state: State, before: Serving | None) -> Serving:
    """Load what `state` names, taking over from `before` what has not changed.

    Raises:
        ServingError: there is no champion, or something that the state names can't be loaded.
    """
    if CHAMPION not in state.versions:
        raise ServingError(f"state of epoch {state.epoch}: no champion has passed the gate yet")
    catalogue = _catalogue(home, state.snapshot, before) if not state.distrusted else _absent(home, state)
    numbers = {
        version: _corrected(home, state, _version(home, state, version, catalogue, before))
        for version in _numbers(state)
    }
    versions = {reference: numbers[version] for reference, version in state.versions.items()}
    names = frozenset(name for one in numbers.values() for name in one.engine.spec.context_fields)
    return Serving(state, catalogue, versions, _live(home, state, before), names)


def _numbers(state: State) -> list[str]:
    return sorted(set(state.versions.values()))


def _catalogue(home: Home, snapshot: str, before: Serving | None) -> Catalogue:
    held = () if before is None else (before.catalogue, *(one.catalogue for one in before.versions.values()))
    # One without items stands for a snapshot that was not to be read.
    found = next((one for one in held if one.snapshot == snapshot and one.size), None)
    return found or Catalogue.open(home.catalogue / snapshot)


def _version(home: Home, state: State, number: str, current: Catalogue, before: Serving | None) -> Version:
    package = home.version(number)
    catalogue = current
    why = state.distrusted or state.stopped.get(number)
    if why:
        return halted(state.ranker, number, current, f"stopped by the guard: {why}")
    if not _covers(current, read_declaration(package).spec):
        catalogue = _catalogue(home, read_manifest(package).snapshot, before)
    if before is not None:
        for version in before.versions.values():
            if version.number == number and version.catalogue is catalogue and version.stopped is None:
                return version
    engine = load_engine(package, catalogue)
    certificate = read_certified(package)
    differs = certified.difference(package, certificate, engine, catalogue, home.catalogue)
    if differs is not None:
        raise ServingError(f"version {number}: {differs}")
    _warm(engine, catalogue)
    believable = ScoreRange.of(certificate.scores)
    return Version(number, f"{state.ranker}/{number}", engine, catalogue, believable)


def _corrected(home: Home, state: State, version: Version) -> Version:
    """The version with the correction that the state names, which is read where it is another one."""
    digest = state.corrections.get(version.number)
    if digest == (None if version.correction is None else version.correction.digest):
        return version
    return replace(version, correction=None if digest is None else read_correction(home, digest))


def halted(ranker: str, number: str, catalogue: Catalogue, why: str) -> Version:
    """A version that answers in the fallback order and says why; nothing of its package is read."""
    believable = ScoreRange(-np.inf, np.inf)
    return Version(number, f"{ranker}/{number}", Halted(why), catalogue, believable, stopped=why)


def without(serving: Serving, state: State) -> Serving:
    """What is served, less the versions that `state` says are stopped: until that state is loaded."""
    versions = dict(serving.versions)
    for reference, version in serving.versions.items():
        why = state.distrusted or state.stopped.get(version.number)
        if why and version.stopped is None:
            versions[reference] = halted(
                state.ranker, version.number, version.catalogue, f"stopped by the guard: {why}"
            )
    distrusted = state.distrusted or serving.state.distrusted
    own = msgspec.structs.replace(serving.state, fallback=state.fallback, distrusted=distrusted)
    return replace(serving, state=own, versions=versions)


def withdrawn(serving: Serving, why: str) -> Serving:
    """What is served without its catalogue, of which nothing is read any more."""
    own = serving.catalogue
    none = own if not own.size else Catalogue.absent(own.snapshot, own.id_type)
    bare = without(serving, msgspec.structs.replace(serving.state, distrusted=why))
    versions = {reference: replace(version, catalogue=none) for reference, version in bare.versions.items()}
    return replace(bare, catalogue=none, versions=versions)


def _absent(home: Home, state: State) -> Catalogue:
    """No items at all, for a snapshot that is not to be read; ids are of the type that the champion's are."""
    items = read_certified(home.version(state.versions[CHAMPION])).requests[0].items
    return Catalogue.absent(state.snapshot, type(items[0]))


def _covers(catalogue: Catalogue, spec: FeatureSpec) -> bool:
    numeric, categorical = set(catalogue.numeric_names), set(catalogue.categorical_names)
    return numeric.issuperset(spec.item_numeric) and categorical.issuperset(spec.item_categorical)


def _warm(engine: Engine, catalogue: Catalogue) -> None:
    """Score once, so that no request pays for compiled code being read from disk."""
    context = parse_context(engine.spec, {})
    for count in (1, min(catalogue.size, 300)):
        engine.score(np.arange(count, dtype=np.int64), context)


def _live(home: Home, state: State, before: Serving | None) -> Live:
    if before is not None and before.state.experiments == state.experiments:
        return before.live
    return live_under(home, state.experiments)


def _settle() -> None:
    """What a process has by the time it serves, stays: a full collection of it would hold every answer up."""
    gc.collect()
    gc.freeze()


class Follower:
    """Follows the state in a thread of its own: loads beside what serves, swaps, acknowledges.

    `current` is None until the first state is loaded. What can't be loaded is said in the acknowledgement
    and in the log, and what served before keeps serving. With `mapped`, it reads no file that somebody
    writes into.
    """

    def __init__(
        self,
        home: Home,
        kind: str,
        on_swap: Callable[[Serving], None] | None = None,
        mapped: Mapped | None = None,
    ) -> None:
        self.current: Serving | None = None
        self.problem: str | None = "no state yet: nothing has been promoted"
        self._home = home
        self._kind = kind
        self._on_swap = on_swap
        self._mapped = mapped
        self._watch = StateWatch(home.state)
        self._retry: State | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow-state", daemon=True)

    def start(self) -> None:
        """Load what there is, then follow."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Stop following and withdraw the acknowledgement."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def look(self) -> None:
        """Load the state if it changed, or failed to load before; stop reading what is to be written into."""
        self._give_way()
        try:
            state = self._watch.poll() or self._retry
        except StateError as error:
            self.problem = str(error)
            logger.error("%s", error)
            return
        if state is not None:
            self._serve(state)

    def _give_way(self) -> None:
        wanted = None if self._mapped is None else self._mapped.wanted()
        if self._mapped is None or wanted is None or self.current is None:  # no file is held before it serves
            return
        before, state = weakref.ref(self.current), self.current.state
        self.problem = f"catalogue files: somebody opens {wanted} for writing"
        self.current = withdrawn(self.current, self.problem)
        deadline = time.monotonic() + GRACE
        while before() is not None and time.monotonic() < deadline:
            time.sleep(0.002)
        self._mapped.let_go()
        self._retry = self._retry or state  # loaded anew, and only if what was written is what was there
        logger.error("%s: answers are in the order given", self.problem)
        acknowledge(self._home.acks, self._kind, self.current.state, self.problem)

    def _serve(self, state: State) -> None:
        if self.current is not None and (state.stopped or state.distrusted):
            self.current = without(self.current, state)  # at once, whatever is to be loaded and may fail
        try:
            serving = self._loaded(state)
        except Exception as error:  # whatever is wrong with the new state, the old one serves on
            if self._retry is not state:
                logger.exception("epoch %d can't be served", state.epoch)
            self._retry, self.problem = state, f"epoch {state.epoch} can't be served: {error}"
            if self.current is not None:
                acknowledge(self._home.acks, self._kind, self.current.state, self.problem)
            return
        first, self.current, self._retry, self.problem = self.current is None, serving, None, None
        if first:
            _settle()
        if self._on_swap is not None:
            self._on_swap(serving)
        acknowledge(self._home.acks, self._kind, state)
        logger.info("serving epoch %d: %s", state.epoch, state.versions)

    def _loaded(self, state: State) -> Serving:
        if self._mapped is None:
            return load(self._home, state, self.current)
        if not state.distrusted:
            self._mapped.prove(state.snapshot)
        serving = load(self._home, state, self.current)
        self._mapped.hold(serving)
        return serving

    def _run(self) -> None:
        thread_behind()
        while not self._stop.wait(POLL if self._retry is None else 1.0):
            started = time.monotonic()
            self.look()
            if time.monotonic() - started > 5:
                logger.warning("loading took %.1f s", time.monotonic() - started)
