"""What would have changed: the last logged decisions, answered again by this version."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from models.features import parse_context
from models.gate import stats
from models.gate.stats import Floats, Ints
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.gate.window import RequestWindow, score

LEAST = 30  # decisions
FAILING = 0.0  # share of real requests that may fail
SLOWER = 5.0  # times the champion's time on the same requests
FLOOR = 0.2e-3  # seconds per request below which slower does not matter


def replay(subject: Subject) -> Iterator[Check]:
    """Who moves, how far, and how much slower, over the last decisions of the log."""
    window = subject.recent
    if window is None or window.requests < LEAST:
        return  # a deployment that has served nothing yet has nothing to replay
    known = window.only(window.known(subject.catalogue))
    yield _coverage(window, known)
    if subject.before is not None and known.requests:
        yield from _moves(subject, known)


def _coverage(window: RequestWindow, known: RequestWindow) -> Check:
    share = len(known.labels) / max(len(window.labels), 1)
    result = Result.HOLD if share < 0.5 else Result.PASS
    sentence = f"its catalogue knows {share:.0%} of the candidates of {window.source}"
    return Check("canary coverage", result, sentence, share, 0.5, "recent decisions")


def _moves(subject: Subject, window: RequestWindow) -> Iterator[Check]:
    assert subject.before is not None  # noqa: S101 - `replay` has asked
    both = window.only(window.known(subject.before.catalogue))
    if both.requests < LEAST:
        return
    started = time.perf_counter()
    own = score(both, subject.engine, subject.catalogue)
    middle = time.perf_counter()
    its = score(both, subject.before.engine, subject.before.catalogue)
    seconds = (middle - started, time.perf_counter() - middle)
    top = float((_first(own, both.starts) != _first(its, both.starts)).mean())
    alike = stats.mean(both.likeness(own, its))
    sentence = (
        f"{top:.0%} of {both.requests:,} recent decisions would have another item first; rank correlation "
        f"with the champion {alike}"
    )
    result = Result.REJECT if alike.high < 0 else Result.PASS
    yield Check("canary moves", result, sentence, top, None, "recent decisions")
    yield _speed(seconds[0] / both.requests, seconds[1] / both.requests)


def _first(scores: Floats, starts: Ints) -> Ints:
    return stats.order_within(scores, starts)[starts[:-1]]


def _speed(own: float, its: float) -> Check:
    slow = own > SLOWER * its and own > FLOOR
    sentence = f"{own * 1e6:.0f} µs a request, the champion {its * 1e6:.0f} µs on the same ones"
    result = Result.HOLD if slow else Result.PASS
    return Check("canary latency", result, sentence, own / max(its, 1e-9), SLOWER, "the champion's")


def speed(subject: Subject) -> Iterator[Check]:
    """Latency and size against the champion's, on as many rows as a large request has."""
    if subject.before is None:
        return
    own, its = (_seconds(each) for each in (subject, subject.before))
    result = Result.HOLD if own > SLOWER * its and own > 1e-3 else Result.PASS
    sentence = f"{own * 1e3:.2f} ms for 1,000 candidates, the champion {its * 1e3:.2f} ms"
    yield Check("latency", result, sentence, own / max(its, 1e-9), SLOWER, "the champion's")
    sizes = [(each.package / "model.cb").stat().st_size for each in (subject, subject.before)]
    result = Result.HOLD if sizes[0] > 20 * sizes[1] else Result.PASS
    sentence = f"{sizes[0] / 1e6:.1f} MB, the champion {sizes[1] / 1e6:.1f} MB"
    yield Check("size", result, sentence, sizes[0] / max(sizes[1], 1), 20, "the champion's")


def _seconds(subject: Subject) -> float:
    rows = np.arange(1000, dtype=np.int64) % max(subject.catalogue.size, 1)
    context = parse_context(subject.engine.spec, {})
    times = []
    for _ in range(15):
        started = time.perf_counter()
        subject.engine.score(rows, context)
        times.append(time.perf_counter() - started)
    return min(times)  # the rest of a time is other processes'
