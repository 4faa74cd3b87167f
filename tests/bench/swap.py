"""Replace a catalogue snapshot, then a model version, under a steady load: what answers take meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from bentos.environment import ROOT
from bentos.home.acknowledgements import read_acks
from bentos.home.state import CHAMPION, Home, State, read_state, write_atomically, write_state
from tests.bench.client import Tally
from tests.bench.cores import cores, pinned
from tests.bench.generator import Generator, Run, save_bodies
from tests.bench.systems import System, ballast
from tests.bench.world import RANKER, VERSION, World

BODIES = 128
CONNECTIONS = 200
CALM = 10.0  # seconds before and after each swap
SHARE = 0.5  # of what 8 busy connections get through is asked for
LIMIT = 60.0  # seconds that a swap may take
TAIL = 0.5  # seconds after all serve the new one, in which its pages are read for the first time
SECOND = "2"
PREPARE = """
import os, sys
from contextlib import suppress
os.nice(5)  # as bentos.worker.priority does, before anything else is imported: a Steward has long done that
with suppress(OSError), open("/proc/self/autogroup", "w") as group:
    group.write("5")
from pathlib import Path
from bentos.control.prepare import load_once
from bentos.state import CHAMPION, Home, State
folder, snapshot, version = sys.argv[1:]
load_once(Home(Path(folder)), State(1, "bench", snapshot, {CHAMPION: version}))
"""  # the Steward's part, which it does once the gate has let a version pass


@dataclass
class Swap:
    """One replacement. Seconds (perf_counter): when it was asked for, and when all served it."""

    what: str
    begun: float
    done: float


@dataclass
class Swaps:
    """Replaces one thing after the other, each after a calm time, while the load runs."""

    home: Home
    pids: set[int]
    env: dict[str, str]  # of the system, so that its compiled code is found
    made: list[Swap] = field(default_factory=list)

    def run(self) -> None:
        """The catalogue, by the file that the Steward follows; the version by hand: there is no MLflow."""
        self._swap("catalogue", self._catalogue)
        self._swap("version", self._version)

    def _catalogue(self) -> State:
        before = self._state()
        names = [one.name for one in self.home.catalogue.iterdir() if one.is_dir()]
        other = next(name for name in names if name != before.snapshot)
        write_atomically(self.home.current_catalogue, other.encode())
        return msgspec.structs.replace(before, epoch=before.epoch + 1, snapshot=other)

    def _version(self) -> State:
        before = self._state()
        state = msgspec.structs.replace(before, epoch=before.epoch + 1, versions={CHAMPION: SECOND})
        prepare = [sys.executable, "-c", PREPARE, str(self.home.folder), state.snapshot, SECOND]
        with pinned(cores()[0]):
            subprocess.run(prepare, cwd=ROOT, check=True, env=self.env, start_new_session=True)
        write_state(self.home.state, state)
        return state

    def _state(self) -> State:
        state = read_state(self.home.state)
        assert state is not None
        return state

    def _swap(self, what: str, change: Callable[[], State]) -> None:
        time.sleep(CALM)
        begun = time.perf_counter()
        state = change()
        while not self._served(state) and time.perf_counter() < begun + LIMIT:
            time.sleep(0.01)
        self.made.append(Swap(what, begun, time.perf_counter()))

    def _served(self, state: State) -> bool:
        acks = [ack for ack in read_acks(self.home.acks) if ack.pid in self.pids]
        return bool(acks) and all(ack.epoch >= state.epoch for ack in acks)


def run(world: World, candidates: int) -> dict[str, Any]:
    """Half of what one core can do, on a schedule; latencies in ms, from the moment that was scheduled."""
    world.prepare()
    _second(world)
    system = ballast(world, "swap")
    generator = Generator()
    try:
        system.start(world)
        system.wait()
        system.let_go()
        return _measure(world, system, generator, candidates)
    finally:
        generator.close()
        system.stop()
        world.restore()


def _second(world: World) -> None:
    """Another snapshot of as many items, and another version: the same trees, saved once more."""
    from models.catalogue.catalogue import write_catalogue
    from models.package import read_manifest, write_manifest

    home = Home(world.home("integer") / RANKER)
    moved = world.items + 0.01 * world.items.std(axis=0, dtype=np.float32)  # as a day moves a feed
    columns = dict(zip(world.item_names, moved.T, strict=True))
    write_catalogue(home.catalogue, world.all_ids("integer"), columns, {}, created=1_717_300_000.0)
    package = home.version(SECOND)
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(home.version(VERSION), package, ignore=shutil.ignore_patterns("engine"))
    world.model.get_metadata()["saved"] = "again"  # another file, whose certified scores are the same
    world.model.save_model(str(package / "model.cb"))
    write_manifest(package, read_manifest(package))


def _measure(world: World, system: System, generator: Generator, candidates: int) -> dict[str, Any]:
    asked = world.requests("integer", BODIES, candidates)
    bodies = save_bodies(world.folder / "bodies" / f"swap-{candidates}", [one.rank() for one in asked])
    closed = generator.run(Run(system.port, system.path, bodies, 8, 3.0, warm=1.0))
    rate = SHARE * closed.statuses[200] / closed.seconds
    assert system.home is not None
    swaps = Swaps(Home(system.home / RANKER), {*system.all_of_it}, {**os.environ, **system.env})
    thread = threading.Thread(target=swaps.run)
    thread.start()
    tally = generator.run(Run(system.port, system.path, bodies, CONNECTIONS, 3.5 * CALM, rate=rate))
    thread.join()
    return {
        "candidates": candidates,
        "offered_per_second": round(rate, 1),
        "statuses": tally.statuses,
        "broken_or_unsent": tally.broken + tally.unsent,
        **{swap.what: _around(tally, swap) for swap in swaps.made},
    }


def _around(tally: Tally, swap: Swap) -> dict[str, Any]:
    windows = {
        "before": (swap.begun - CALM + 1, swap.begun),
        "during": (swap.begun, swap.done + TAIL),
        "after": (swap.done + TAIL, swap.done + CALM / 2),
    }
    found = {name: _latencies(tally, *window) for name, window in windows.items()}
    ratio = found["during"]["p99"] / found["before"]["p99"]
    return {"seconds": round(swap.done - swap.begun, 3), "p99_ratio": round(ratio, 2), **found}


def _latencies(tally: Tally, start: float, end: float) -> dict[str, float]:
    since = np.array(tally.since)
    taken = np.array(tally.latencies)[(since >= start) & (since < end)] * 1000
    refused = sum(start <= moment < end for moment in tally.refused)
    p50, p99 = np.quantile(taken, (0.5, 0.99)).tolist() if taken.size else (np.nan, np.nan)
    return {"count": int(taken.size), "refused": refused, "p50": round(p50, 3), "p99": round(p99, 3)}
