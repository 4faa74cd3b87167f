"""The Steward: the one process that talks to MLflow, and the only one that moves the state.

The service is a shell around `bentos.control`: its thread starts with the process and outlives every failure.
What is slow (MLflow, pandas, matplotlib) is imported by that thread, when it is needed first: the Ranker
imports this module to depend on the service, and pays for none of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import bentoml

from bentos.console.keeper import keep_console
from bentos.control.closed_day_looks import look_now_and_then
from bentos.control.compaction import compact_now_and_then
from bentos.control.experiments.rollout_loop import AT_MOST, EVERY, Rollouts
from bentos.control.loop import Control
from bentos.control.loop_parts import Charge
from bentos.home.journal import Journal
from bentos.home.lock import Lock
from bentos.home.state import Home
from bentos.settings import settings
from bentos.worker.hung import LOOK, Hung, workers
from bentos.worker.priority import process_behind

logger = logging.getLogger(__name__)

TICK = 0.3  # seconds; an edited live.yaml is out within this and a worker's own poll


class Loop:
    """The control loop in a thread of its own, once this process holds the ranker's lock."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="examine")
        self._loads = ThreadPoolExecutor(
            1, thread_name_prefix="load"
        )  # a promotion waits for no other's gate
        self._thread = threading.Thread(target=self._run, name="steward", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the loop; an examination under way is given up."""
        self._stop.set()
        for pool in (self._pool, self._loads):
            pool.shutdown(wait=False, cancel_futures=True)
        self._thread.join(timeout=2)

    def _run(self) -> None:
        home = Home(settings().ranker_home, settings().ranker)
        lock = Lock(home.folder / "steward.lock")
        while not lock.take():
            if self._stop.wait(1.0):
                return
        try:
            self._follow(home)
        finally:
            lock.release()

    def _follow(self, home: Home) -> None:
        own = settings()
        charge = Charge(
            own.ranker_name,
            home,
            own.ranker,
            own.experiments,
            own.registry_uri,
            own.redis,
            own.snapshot_bytes,
        )
        control = Control(charge, self._pool, loads=self._loads)
        control.announce()
        hung = Hung(workers(home, own.hang_seconds), Journal(home).replaced)
        _beside("hung workers", self._replace, hung)
        _beside("rollouts", self._roll, control.rollouts)
        _beside("compact", compact_now_and_then, home.log, self._stop)
        _beside("drift", look_now_and_then, home, self._stop)
        _beside("console", keep_console, home, self._stop)
        _beside("guard", control.watcher().run, self._stop)
        if control.items is not None:
            _beside("items in redis", control.items.run, self._stop)
        control.tick()
        process_behind()  # its first word is waited for
        control.wait(TICK)
        while not self._stop.is_set():
            control.tick()
            control.wait(TICK)
        control.close()

    def _replace(self, hung: Hung) -> None:
        """Replace workers that hang, whatever else the Steward does."""
        while not self._stop.wait(LOOK):
            try:
                hung.look()
            except Exception:  # as where a file is no acknowledgement
                logger.exception("the workers were not looked at")

    def _roll(self, rollouts: Rollouts) -> None:
        """Judge rollouts at intervals, and never more than a tenth of the time: the log grows."""
        pause = EVERY
        while not self._stop.wait(pause):
            started = time.monotonic()
            rollouts.look()
            pause = max(EVERY, (time.monotonic() - started) / AT_MOST)


def _beside(name: str, work: Callable[..., None], *arguments: object) -> None:
    """Do some work beside the loop, in a thread that ends with the process."""
    threading.Thread(target=work, args=arguments, name=name, daemon=True).start()


@bentoml.service(name="steward", workers=1, tracing={"excluded_urls": ".*"})
class Steward:
    """Follows the registry, gates versions, applies experiments. Its only work for others is to be alive."""

    def __init__(self) -> None:
        self._loop = Loop()

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    def follow(self) -> None:
        """Start the loop; after its first look, those that answer go first where a core is shared."""
        self._loop.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def unfollow(self) -> None:
        """Stop the loop and give the lock back."""
        self._loop.stop()

    @bentoml.api  # type: ignore[untyped-decorator]
    def alive(self) -> bool:
        """Whether the loop's thread runs."""
        return self._loop.running
