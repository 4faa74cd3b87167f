"""The load's own process, on the load's core: commands come as JSON lines, tallies go back in a file."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bentos.environment import ROOT
from tests.bench.client import Load, Tally, Target
from tests.bench.cores import cores, pinned


@dataclass(frozen=True)
class Run:
    """One run: closed with so many connections, or open where `rate` (requests/s) is given."""

    port: int
    path: str
    bodies: Path
    connections: int
    seconds: float
    warm: float = 0.2
    rate: float | None = None
    most: int = 10**9
    watched: Sequence[int] = ()
    all_of_it: Sequence[int] = ()


class Generator:
    """The parent's end."""

    def __init__(self) -> None:
        with pinned(cores()[1]):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.generator"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def run(self, run: Run) -> Tally:
        """Have it done; raises RuntimeError where the generator itself failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        result = run.bodies.with_suffix(".tally")
        order = json.dumps({**vars(run), "result": result}, default=str)
        print(order, file=self._process.stdin, flush=True)
        if not self._process.stdout.readline():
            raise RuntimeError(f"{run.path} on port {run.port}: the load generator ended")
        found: dict[str, Any] = json.loads(result.read_bytes())
        if "failed" in found:
            raise RuntimeError(f"{run.path} on port {run.port}: {found['failed']}")
        found["kept"] = [(number, base64.b64decode(answer)) for number, answer in found["kept"]]
        found["statuses"] = {int(status): count for status, count in found["statuses"].items()}
        return Tally(**found)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def save_bodies(path: Path, bodies: Sequence[bytes]) -> Path:
    """Write bodies, which hold no newline, for the generator."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(bodies))
    return path


def _runner() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _do(order: dict[str, Any], bodies: dict[str, list[bytes]]) -> Tally:
    path = order["bodies"]
    if path not in bodies:
        bodies[path] = Path(path).read_bytes().split(b"\n")
    target = Target(order["port"], order["path"], bodies[path], order["watched"], order["all_of_it"])
    load = Load(target)
    with _runner() as runner:
        if order["rate"] is None:
            return runner.run(
                load.closed(order["connections"], order["warm"], order["seconds"], order["most"])
            )
        return runner.run(load.open(order["rate"], order["seconds"], order["connections"]))


def main() -> None:
    """Serve the parent until it closes the pipe."""
    bodies: dict[str, list[bytes]] = {}
    for line in sys.stdin:
        order = json.loads(line)
        try:
            tally = _do(order, bodies)
        except Exception as error:
            found: dict[str, Any] = {"failed": f"{type(error).__name__}: {error}"}
        else:
            kept = [(number, base64.b64encode(answer).decode()) for number, answer in tally.kept]
            found = {**vars(tally), "kept": kept}
        Path(order["result"]).write_text(json.dumps(found))
        print("done", flush=True)


if __name__ == "__main__":
    main()
