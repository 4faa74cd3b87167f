"""What counting an answer costs as more experiments are live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from monitoring.metrics import Metrics
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure

ANSWERS = 20_000
ARMS_OF_ONE = 5  # experiments that one answer is in


def _count(experiments: int) -> Cost:
    metrics = Metrics(CollectorRegistry())
    arms = [
        [(f"experiment-{(n + k) % experiments}", f"variant-{n % 2}") for k in range(ARMS_OF_ONE)]
        for n in range(2 * experiments)
    ]
    with counted() as seconds:
        for number in range(ANSWERS):
            metrics.answered(
                model="champion",
                arms=arms[number % len(arms)],
                explored=False,
                fallback=None,
                seconds=0.001,
                candidates=10,
                unknown=0,
            )
    return Cost(ANSWERS, seconds())


@contextmanager
def _measuring(_: Path) -> Iterator[Measure]:
    yield _count


CURVES = (
    Curve(
        "arm metrics",
        size="experiments",
        unit="counting an answer of 5 arms",
        sizes=(10, 50, 200, 500),
        small=(10, 40, 160),
        measuring=_measuring,
    ),
)
