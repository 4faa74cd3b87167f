"""Follows the state of a home: what it names is loaded beside what serves, swapped in and acknowledged."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable

from bentos.home.acknowledgements import acknowledge
from bentos.home.state import Home, State, StateError, StateWatch
from bentos.worker.mapped_files import Mapped
from bentos.worker.priority import thread_behind
from bentos.worker.serving import Serving, Unloadable, load, without_catalogue, without_stopped

logger = logging.getLogger("bentos.worker.follower")

POLL = 0.1  # seconds between two looks at the state
RETRY = 1.0  # seconds until a state that could not be loaded is tried again
SLOW = 5.0  # seconds of loading that are worth a line in the log
GRACE = 5.0  # seconds for requests under way, before files that they read are given to who would write


class Follower:
    """Follows the state in a thread of its own: loads beside what serves, swaps, acknowledges.

    `current` is None until the first state is loaded. When a state can't be loaded, what served before goes
    on serving; acknowledgement and log say why. `of` is how many workers there should be. With `mapped`,
    what a worker reads is withdrawn before somebody else writes into its files.
    """

    def __init__(
        self,
        home: Home,
        kind: str,
        on_swap: Callable[[Serving], None] | None = None,
        mapped: Mapped | None = None,
        of: int = 0,
    ) -> None:
        self.current: Serving | None = None
        self.problem: str | None = "no state yet: nothing has been promoted"
        self._home = home
        self._kind = kind
        self._on_swap = on_swap
        self._mapped = mapped
        self._of = of
        self._untold: tuple[str | None, str | None] | None = (
            None  # an acknowledgement that could not be written
        )
        self._watch = StateWatch(home.state)
        self._retry: State | None = None  # a state that is not served yet, to be loaded at the next look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow-state", daemon=True)

    def start(self, patience: float = 0.0) -> None:
        """Load what there is, then follow.

        Where that can't be loaded, wait `patience` seconds for a state that can: the Steward makes one where
        it is a version's files that are damaged, and other workers answer meanwhile.
        """
        self.look()
        self._thread.start()
        deadline = time.monotonic() + patience
        while self._retry is not None and self.current is None and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    @property
    def running(self) -> bool:
        """Whether its thread follows the state."""
        return self._thread.is_alive()

    def look(self) -> None:
        """Load the state if it changed, or failed to load before; give files up that somebody writes into."""
        self._give_way()
        if self._untold is not None:
            self._acknowledge(*self._untold)
        try:
            state = self._watch.poll() or self._retry
        except StateError as error:
            self.problem = str(error)
            logger.error("%s", error)
            return
        if state is not None:
            self._serve(state)

    def _give_way(self) -> None:
        """Where somebody waits to write into a mapped file: withdraw what reads it, then let them write."""
        wanted = None if self._mapped is None else self._mapped.wanted()
        if self._mapped is None or wanted is None or self.current is None:  # no file is held before it serves
            return
        state, reading = self.current.state, weakref.ref(self.current)
        self.problem = f"catalogue files: somebody opens {wanted} for writing"
        self.current = without_catalogue(self.current, self.problem)
        _wait_until_gone(reading)
        self._mapped.let_go()
        self._retry = self._retry or state  # loaded anew, and only if what was written is what was there
        logger.error("%s: answers are in the order given", self.problem)
        self._acknowledge(self.problem)

    def _serve(self, state: State) -> None:
        """Load a state and swap it in. Where that fails, what served before stays."""
        if self.current is not None and (state.stopped or state.distrusted):
            self.current = without_stopped(
                self.current, state
            )  # at once, whatever is to be loaded and may fail
        try:
            serving = self._loaded(state)
        except Exception as error:  # whatever is wrong with the new state, the old one serves on
            self._put_off(state, error)
        else:
            self._swap(serving)

    def _put_off(self, state: State, error: Exception) -> None:
        """Say why a state is not served, and load it again at the next look."""
        if self._retry is not state:
            logger.exception("epoch %d can't be served", state.epoch, exc_info=error)
        self._retry = state
        self.problem = f"epoch {state.epoch} can't be served: {error}"
        self._acknowledge(self.problem, error.version if isinstance(error, Unloadable) else None)

    def _swap(self, serving: Serving) -> None:
        """From here on requests are answered from `serving`."""
        is_first = self.current is None
        self.current = serving
        self._retry = None
        self.problem = None
        if is_first:
            _settle()
        if self._on_swap is not None:
            self._on_swap(serving)
        self._acknowledge(None)
        logger.info("serving epoch %d: %s", serving.state.epoch, serving.state.versions)

    def _acknowledge(self, problem: str | None, unloadable: str | None = None) -> None:
        """Tell the Steward which epoch serves (0: none), and what stands in the way of the state.

        Where that can't be written, as on a full disk, it is written at a later look.
        """
        served = State(0, "", "", {}) if self.current is None else self.current.state
        try:
            acknowledge(self._home.acks, self._kind, served, problem, unloadable=unloadable, of=self._of)
        except OSError as error:
            if self._untold is None:
                logger.error("what is served can't be acknowledged: %s", error)
            self._untold = problem, unloadable
        else:
            self._untold = None

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
        while not self._stop.wait(POLL if self._retry is None else RETRY):
            started = time.monotonic()
            try:
                self.look()
            except Exception:  # whatever one look runs into, as on a full disk, the next one must come
                logger.exception("a look at the state failed")
            seconds = time.monotonic() - started
            if seconds > SLOW:
                logger.warning("loading took %.1f s", seconds)


def _wait_until_gone(reading: weakref.ref[Serving]) -> None:
    """Until the last request that reads from it is answered, or `GRACE` is over."""
    deadline = time.monotonic() + GRACE
    while reading() is not None and time.monotonic() < deadline:
        time.sleep(0.002)


def _settle() -> None:
    """Keep what a process has by now out of garbage collection, which would hold every answer up."""
    gc.collect()
    gc.freeze()
