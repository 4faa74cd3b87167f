"""Logs of any length, as servers write them: segments of 64 MiB, all candidates, outcomes of some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np

from monitoring.log.record import ArmRecord, Decision, Outcome, encode
from monitoring.log.segments import ROTATE_BYTES

START = 1_700_000_000.0


def write_log(
    root: Path,
    decisions: int,
    ids: list[str],
    *,
    candidates: int = 10,
    model: str = "small/1",
    snapshot: str = "s",
    seed: int = 0,
    outcomes: bool = True,
) -> None:
    """`decisions` of `candidates` each, three tenths of them explored, with outcomes of two items each.

    The scores are random; each unit asks four times.
    """
    draw = np.random.default_rng(seed)
    _write(root / "decisions", _decisions(draw, decisions, ids, candidates, model, snapshot))
    if outcomes:
        _write(root / "outcomes", _outcomes(np.random.default_rng(seed), decisions, ids, candidates))


def request_id(draw: np.random.Generator) -> str:
    """A random UUID of `draw`."""
    return str(UUID(bytes=draw.bytes(16), version=4))


def _asked(draw: np.random.Generator, ids: list[str], candidates: int) -> tuple[str, list[str]]:
    """The request's id and its candidates: the same ones for decisions and outcomes of one seed."""
    request, first = request_id(draw), int(draw.integers(0, len(ids)))
    step = int(draw.integers(1, max(2, len(ids) // max(candidates, 1))))
    return request, [ids[(first + step * k) % len(ids)] for k in range(candidates)]


def _decisions(
    draw: np.random.Generator, count: int, ids: list[str], candidates: int, model: str, snapshot: str
) -> Iterator[bytes]:
    other = np.random.default_rng(draw.integers(1 << 32))
    arm = ArmRecord("ranker-ab", "treatment", "@challenger", 0.31, "salt-1")
    for number in range(count):
        request, items = _asked(draw, ids, candidates)
        explored = bool(other.random() < 0.3)
        scores = np.sort(other.normal(size=candidates))[::-1]
        order = other.permutation(candidates)
        if explored:
            shuffled = other.permutation(candidates)
            order, scores = order[shuffled], scores[shuffled]
        chance = 0.3 / candidates
        sorted_here = scores == np.sort(scores)[::-1]
        yield encode(
            Decision(
                request_id=request,
                time=START + number / 20,
                received=START + number / 20 + 0.0001,
                unit=f"viewer-{int(other.integers(0, max(10, count // 4)))}",
                context={"hour": number % 24, "wind_speed": float(other.normal()), "carrier": "UA"},
                attributes={"country": "US"},
                arms=[arm],
                experiments="9b1c",
                epoch=4,
                model=model,
                snapshot=snapshot,
                candidates=items,
                slate=order.astype(np.int64),
                scores=np.ascontiguousarray(scores),
                propensities=np.where(sorted_here, 0.7 + chance, chance),
                explored=explored,
                seconds=float(other.random()) / 1000,
            )
        )


def _outcomes(draw: np.random.Generator, count: int, ids: list[str], candidates: int) -> Iterator[bytes]:
    draw.integers(1 << 32)
    for number in range(count):
        request, items = _asked(draw, ids, candidates)
        at = START + number / 20 + 600
        for place in (number % candidates, (number + 1) % candidates):
            one = Outcome(
                request_id=request, item=items[place], value=float(place % 3), time=at, received=at + 1
            )
            yield encode(one)


def _write(folder: Path, lines: Iterator[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    number, held, size = 0, list[bytes](), 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= ROTATE_BYTES:
            _segment(folder, number, held)
            number, held, size = number + 1, [], 0
    if held:
        _segment(folder, number, held)


def _segment(folder: Path, number: int, lines: list[bytes]) -> None:
    (folder / f"{number + 1:020d}-w0-1-aaaaaa.jsonl").write_bytes(b"".join(lines))
