"""Computes in the Steward what workers are about to load, so that they only have to map its files.

A load's long parts (CatBoost's import, its JSON, quantising the catalogue, its scores of the proof rows)
leave files beside the package. If a worker did this work, its requests would have to wait for the interpreter
and the core.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future

from bentos.home.state import Home, State
from bentos.worker.serving import load

logger = logging.getLogger(__name__)

Load = Callable[[Home, State], object]


def load_once(home: Home, state: State) -> None:
    """Load as a worker does, and let go of it."""
    load(home, state, None)


class Preload:
    """Loads each combination of versions and snapshot once, in `pool`."""

    def __init__(self, home: Home, pool: Executor, load: Load = load_once) -> None:
        self._home, self._pool, self._load = home, pool, load
        self._what: tuple[str, frozenset[str]] | None = None
        self._future: Future[object] | None = None

    def done(self, before: State | None, state: State) -> bool:
        """Whether workers may be told of `state`; begins to prepare it where it is not what they have.

        A state that can't be loaded is no reason to wait: workers say why, and keep what they serve.
        """
        what = _loaded(state)
        if before is not None and what == _loaded(before):
            return True
        if what != self._what or self._future is None:
            self._what, self._future = what, self._pool.submit(self._load, self._home, state)
        if not self._future.done():
            return False
        error = self._future.exception()
        if error is not None:
            logger.warning("what workers are to load could not be prepared: %s", error)
        self._what = self._future = None
        return True


def _loaded(state: State) -> tuple[str, frozenset[str]]:
    return state.snapshot, frozenset(state.versions.values())
