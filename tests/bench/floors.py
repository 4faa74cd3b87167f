"""What no request can cost less than: CatBoost's `predict` on a ready matrix; the engine on row indexes.

Both are measured in one process on the servers' core, in turns, over the same requests. The matrices are
float32 in F order, the layout that CatBoost takes without a copy, and are built beforehand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from bentos.environment import ROOT
from tests.bench.cores import cores, pinned
from tests.bench.peers.stock import FOLDER
from tests.bench.world import RANKER, VERSION, World

DIFFERENT = 16  # requests, so that neither scores what the cache still holds of the last call


class Floors:
    """The parent's end."""

    def __init__(self, world: World) -> None:
        with pinned(cores()[0]):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.floors"],
                cwd=ROOT,
                env={**os.environ, FOLDER: str(world.folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def measure(self, candidates: int, seconds: float) -> dict[str, float]:
        """CPU seconds per call: `predict` and `kernel`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([candidates, seconds]), file=self._process.stdin, flush=True)
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def _timed(calls: list[Callable[[], object]]) -> float:
    started = time.process_time_ns()
    for call in calls:
        call()
    return (time.process_time_ns() - started) / len(calls) / 1e9


def _calls(world: World) -> Callable[[int], dict[str, list[Callable[[], object]]]]:
    from bentos.home.state import Home, read_state
    from models.catalogue.catalogue import Catalogue
    from models.engine import load_engine
    from models.features import parse_context

    home = Home(world.home("integer") / RANKER)
    state = read_state(home.state)
    assert state is not None
    engine = load_engine(home.version(VERSION), Catalogue.open(home.catalogue / state.snapshot))
    if engine.kind != "kernel":
        raise RuntimeError(f"there is no kernel to measure: {engine.reason}")
    model = world.model

    def make(candidates: int) -> dict[str, list[Callable[[], object]]]:
        asked = list(world.requests("integer", DIFFERENT, candidates))
        matrices = [world.matrix(one) for one in asked]
        contexts = [parse_context(engine.spec, one.context) for one in asked]
        return {
            "predict": [partial(model.predict, matrix, thread_count=1) for matrix in matrices],
            "kernel": [
                partial(engine.score, one.rows, context) for one, context in zip(asked, contexts, strict=True)
            ],
        }

    return make


def _measure(calls: dict[str, list[Callable[[], object]]], seconds: float) -> dict[str, float]:
    blocks: dict[str, list[float]] = {name: [] for name in calls}
    for each in calls.values():
        _timed(each)
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(blocks["predict"]) < 3:
        for name, each in calls.items():
            blocks[name].append(_timed(each))
    return {name: median(found) for name, found in blocks.items()}


def main() -> None:
    """Serve the parent until it closes the pipe."""
    make = _calls(World(Path(os.environ[FOLDER])))
    made: dict[int, dict[str, list[Callable[[], object]]]] = {}
    for line in sys.stdin:
        candidates, seconds = json.loads(line)
        if candidates not in made:
            made[candidates] = make(candidates)
        print(json.dumps(_measure(made[candidates], seconds)), flush=True)


if __name__ == "__main__":
    main()
