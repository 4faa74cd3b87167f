"""What a start of the Steward and a look-up of an id cost as the log grows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from monitoring.log.index import DecisionIndex
from monitoring.log.joining import join
from monitoring.log.offsets import merged, write_table
from monitoring.log.record import decode, encode
from monitoring.log.tail import LogTail
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure
from tests.monitoring.records import decision

SEGMENTS = 20
STARTS = 50
IDS = 2_000
ASKED = 1_000


@contextmanager
def _starting(folder: Path) -> Iterator[Measure]:
    def measure(each: int) -> Cost:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        lines = encode(decision("r0", 10)) * each
        for number in range(SEGMENTS):
            (folder / f"{number:020d}-w0-1-aaaaaa.jsonl").write_bytes(lines)
        with counted() as seconds:
            for _ in range(STARTS):
                LogTail(folder, decode)
        return Cost(STARTS * SEGMENTS, seconds())

    yield measure


@contextmanager
def _finding(folder: Path) -> Iterator[Measure]:
    def measure(count: int) -> Cost:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        draw = np.random.default_rng(0)
        for number in range(count):
            path = folder / f"{number:020d}-w0-1-aaaaaa.jsonl"
            with path.open("wb") as file:
                file.truncate(900 * IDS)
            hashes = draw.integers(0, 2**64 - 1, IDS, dtype=np.uint64)
            write_table(path, merged([np.stack([hashes, np.arange(IDS, dtype=np.uint64) * np.uint64(900)])]))
        join(folder)
        index = DecisionIndex(folder)
        index.find("nobody")
        with counted() as seconds:
            for number in range(ASKED):
                index.find(f"nobody-{number}")
        return Cost(ASKED, seconds())

    yield measure


CURVES = (
    Curve(
        "the Steward's start",
        size="decisions of each of 20 segments",
        unit="a segment that is not read again",
        sizes=(1_000, 8_000, 64_000),
        small=(500, 2_000, 8_000),
        measuring=_starting,
    ),
    Curve(
        "finding an unknown id",
        size="closed segments",
        unit="an id",
        sizes=(8, 50, 300, 1_000),
        small=(8, 32, 128),
        measuring=_finding,
    ),
)
