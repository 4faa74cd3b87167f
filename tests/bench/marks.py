"""What marks and interleaving add to a decision: ``python -m tests.bench.marks``.

CPU of the whole decision in process, record included, under a plain split, a split whose slates are marked
and an interleaving, with two versions of 1,000 trees of depth 6, at 10 and 3,000 candidates.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

import orjson

from bentos.home.state import Home
from models.training.train import train
from tests.bentos.decisions.deciding import INTERLEAVED, MARKED, desk
from tests.models.small import declare

PLAIN = MARKED.replace("        exposure: differing\n", "")
KINDS = {"a split": PLAIN, "marked": MARKED, "interleaved": INTERLEAVED}
ROUNDS = 5


def versions(folder: Path) -> Home:
    """Two versions of the same size that order differently."""
    declared = declare(folder / "table")
    home = Home(folder / "small")
    for number, rate in (("1", 0.1), ("2", 0.02)):
        result = train(declared.with_ranker(trees=1000, depth=6, learning_rate=rate), folder)
        shutil.copytree(result.package, home.version(number))
        (folder / "snapshot").write_text(result.snapshot)
    return home


def milliseconds(home: Home, folder: Path, live: str, candidates: int) -> float:
    """CPU per decision, the least of some rounds."""
    at = desk(home, folder, live)
    ids = [f"item-{row}" for row in range(candidates)]
    count = 20_000 // (candidates + 60)
    bodies = [
        orjson.dumps({"unit": f"u-{n}", "candidates": ids, "context": {"hour": 20}}) for n in range(count)
    ]

    async def run() -> float:
        started = time.process_time()
        for body in bodies:
            await at.decider.rank(body)
        return (time.process_time() - started) / count * 1e3

    return min(asyncio.run(run()) for _ in range(ROUNDS))


def main() -> None:
    """Print the table of docs/experiments.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = versions(folder)
        sys.stdout.write("| CPU, ms | 10 candidates | 3,000 |\n|---|---|---|\n")
        for place, (kind, live) in enumerate(KINDS.items()):
            found = [milliseconds(home, folder / f"log-{place}-{n}", live, n) for n in (10, 3_000)]
            sys.stdout.write(f"| {kind} | {found[0]:.2f} | {found[1]:.2f} |\n")


if __name__ == "__main__":
    main()
