"""Whether every worker has taken up what the experiments are now, and what is wrong where one has not."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bentos.home.acknowledgements import read_acks
from bentos.home.state import Home
from bentos.home.steward_report import last_word

PATIENCE = 15.0  # seconds for another change to end, and for the Steward and all workers to take this one up


def taken_up(home: Home, digest: str, patience: float = PATIENCE) -> float | None:
    """Wait until every worker serves the experiments of this digest: seconds; None: not in time."""
    started = time.monotonic()
    while not _acknowledged(home, digest):
        if time.monotonic() - started > patience:
            return None
        time.sleep(0.02)
    return round(time.monotonic() - started, 2)


def problems_of(home: Home) -> Iterator[str]:
    """What the Steward and the workers say is wrong."""
    acks = read_acks(home.acks)
    if not any(ack.kind == "ranker" for ack in acks):
        yield "no worker is running"
    yield from (ack.problem for ack in acks if ack.problem)
    yield from last_word(home, time.time()).problems


def _acknowledged(home: Home, digest: str) -> bool:
    rankers = [ack for ack in read_acks(home.acks) if ack.kind == "ranker"]
    return bool(rankers) and all(ack.experiments == digest and not ack.problem for ack in rankers)
