"""Small tables as first versions.

`python -m tests.faults.small_sweep HOME SEEDS healthy|faults [TABLE [FAULT]]` prints, by table, how many of
the seeds pass, are held and rejected, and which checks did it.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from models.declaration.refusal import DeclarationError
from models.gate.verdict import Result, Verdict
from tests.faults.other_tables import OTHERS
from tests.faults.shop import Shop
from tests.faults.small_faults import FAULTS, TableFault
from tests.faults.small_tables import HEALTHY, SmallTable


def verdict(table: SmallTable, seed: int, home: Path, fault: TableFault | None = None) -> Verdict:
    """The gate's word on a first version of one table."""
    shutil.rmtree(home, ignore_errors=True)
    frame, added = table.draw(seed), ()
    if fault is not None:
        frame, added = fault.change(frame, table, np.random.default_rng(1000 + seed)), fault.added
    shop = Shop(table.write(frame, home / "declared", added), home)
    return shop.judge(shop.champion, first=True)


def row(table: SmallTable, seeds: range, home: Path, fault: TableFault | None = None) -> str:
    """One line of Markdown."""
    words: Counter[str] = Counter()
    by: Counter[str] = Counter()
    for seed in seeds:
        try:
            found = verdict(table, seed, home, fault)
        except DeclarationError as error:
            words["refused"] += 1
            by[str(error)[-60:]] += 1
            continue
        words[found.result.word] += 1
        by.update({each.name for each in found.checks if each.result is not Result.PASS})
    counts = " | ".join(str(words[each]) for each in ("pass", "hold", "reject", "refused"))
    named = ", ".join(f"{name} {count}" for name, count in by.most_common(5))
    return f"| {table.name} | {'healthy' if fault is None else fault.name} | {counts} | {named} |"


def main(home: Path, seeds: range, what: str, only: str = "", kind: str = "") -> None:
    """A line as soon as it is known."""
    print("| table | state | pass | hold | reject | refused | by |\n|---|---|---|---|---|---|---|")
    for table in (*HEALTHY, *OTHERS):
        if only and only not in table.name:
            continue
        for fault in (None,) if what == "healthy" else FAULTS:
            if fault is None or (fault.suits(table) and kind in fault.name):
                began = time.perf_counter()
                line = row(table, seeds, home, fault)
                print(f"{line} {(time.perf_counter() - began) / len(seeds):.1f} s |", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), range(int(sys.argv[2])), sys.argv[3], *sys.argv[4:])
