"""One size measured in a process of its own, so that its CPU and its peak of memory are its alone.

The function is named as `module:function` and takes a size and a folder. It returns the units of work and the
CPU seconds of the work itself (`counted`), so that imports and preparations don't count.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from bentos.environment import ROOT
from tests.growth.core import Cost

LONGEST = 600.0  # seconds of one size
MOST_BYTES = (
    6 << 30
)  # of address space beyond what is mapped from files, roughly: a size that needs more fails


def apart(function: str, size: int, folder: Path, *, most_bytes: int = MOST_BYTES) -> Cost:
    """What `module:function(size, folder)` costs. Raises RuntimeError with its last line where it fails."""
    command = [sys.executable, "-m", "tests.growth.apart", function, str(size), str(folder), str(most_bytes)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False, env=dict(os.environ)
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise RuntimeError(said[-1])
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def counted() -> Iterator[Callable[[], float]]:
    """CPU seconds of this process and its finished children since the block began.

    with counted() as seconds:
        work()
    seconds()
    """
    started, ended = _cpu(), [float("nan")]
    yield lambda: ended[0] - started
    ended[0] = _cpu()


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> int:
    """Bytes of memory that this process, or the largest of its finished children, had at most.

    Its own from `VmHWM` (proc(5)): what getrusage says of a process begins with what its parent had.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    [own] = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


def main() -> None:
    """Run one, print its cost."""
    function, size, folder, most = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_DATA, (int(most), int(most)))
    module, _, name = function.partition(":")
    cost: Cost = getattr(import_module(module), name)(int(size), Path(folder))
    print(json.dumps({**vars(cost), "memory": cost.memory or peak(), "also": dict(cost.also)}))


if __name__ == "__main__":
    main()
