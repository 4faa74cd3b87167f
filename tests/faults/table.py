"""Judge every fault and print the table: `python -m tests.faults.table ranker.toml HOME [RANKER]`.

With RANKER (bazaar, german or ltr) the faults are those of other kinds that its data can have.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from models.gate.verdict import Result, Verdict
from tests.faults.kinds import FAULTS, Fault
from tests.faults.shop import Shop


def stopped(fault: Fault, verdict: Verdict) -> list[str]:
    """The checks that stopped it and were right to; empty when none was."""
    return [
        check.name
        for check in verdict.checks
        if check.result is not Result.PASS and check.name.startswith(fault.caught)
    ]


def main(origin: Path, home: Path, faults: tuple[Fault, ...] = FAULTS) -> None:
    """One line of Markdown for each fault."""
    shop = Shop(origin, home)
    print("| fault | verdict | stopped by | what it says | seconds |\n|---|---|---|---|---|")
    for fault in faults:
        made = shop.version(fault.recipe)
        started = time.perf_counter()
        verdict = shop.judge(made)
        seconds = time.perf_counter() - started
        named = stopped(fault, verdict)
        check = next((each for each in verdict.checks if each.name in named), None)
        says = verdict.reasons.splitlines()[0] if check is None else check.sentence
        by = check.name if check else "**nothing that names it**"
        print(f"| {fault.name} | {verdict.result.word} | {by} | {says[:160]} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    from tests.faults.other_kinds import other_kinds

    chosen = other_kinds(sys.argv[3]) if len(sys.argv) > 3 else FAULTS
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute(), chosen)
