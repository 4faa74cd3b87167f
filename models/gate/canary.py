"""What would have changed: the last logged decisions, answered again. And is it within its budget?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from models.features import parse_context
from models.gate import stats
from models.gate.scarcity import LEAST, REQUESTS, too_few
from models.gate.stats import Floats, Ints
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result
from models.gate.window import RequestWindow, score
from models.package import MODEL

MS, MB = ("ms", 1e-3), ("MB", 1e6)


def replay(subject: Subject) -> Iterator[Check]:
    """Who moves, and how far, over the last decisions of the log."""
    window = subject.recent
    if window is None:
        return  # a deployment that has served nothing yet has nothing to replay
    if few := too_few("canary coverage", window, window.requests, REQUESTS):
        yield few
        return
    known = window.only(window.known(subject.catalogue))
    yield _coverage(window, known)
    if subject.before is not None and known.requests:
        yield from _moves(subject, known)


def _coverage(window: RequestWindow, known: RequestWindow) -> Check:
    share = len(known.labels) / max(len(window.labels), 1)
    result = Result.HOLD if share < 0.5 else Result.PASS
    sentence = f"its catalogue knows {share:.0%} of the candidates of {window.source}"
    return Check("canary coverage", result, sentence, share, 0.5, "recent decisions", SHARE)


def _moves(subject: Subject, window: RequestWindow) -> Iterator[Check]:
    assert subject.before is not None  # noqa: S101 - `replay` has asked
    both = window.only(window.known(subject.before.catalogue))
    if both.requests < LEAST:
        return
    own = score(both, subject.engine, subject.catalogue)
    its = score(both, subject.before.engine, subject.before.catalogue)
    top = float((_first(own, both.starts) != _first(its, both.starts)).mean())
    alike = stats.mean(both.likeness(own, its))
    sentence = (
        f"{top:.0%} of {both.requests:,} recent decisions would have another item first; rank correlation "
        f"with the champion {alike}"
    )
    result = Result.REJECT if alike.high < 0 else Result.PASS
    yield Check("canary moves", result, sentence, top, None, "recent decisions", SHARE)


def _first(scores: Floats, starts: Ints) -> Ints:
    return stats.order_within(scores, starts)[starts[:-1]]


def speed(subject: Subject) -> Iterator[Check]:
    """Latency, on as many rows as a large request has, and size, against what [expect] declares.

    Not against the champion's: a small one is no reason why its followers must be.
    """
    before, expect = subject.before, subject.served.expect
    own = _seconds(subject) * 1e3
    its = "" if before is None else f", the champion {_seconds(before) * 1e3:.2f} ms"
    yield _budget("latency", own, expect.budget("latency"), f"{own:.2f} ms for 1,000 candidates{its}", MS)
    own = _megabytes(subject)
    its = "" if before is None else f", the champion {_megabytes(before):.3g} MB"
    yield _budget("size", own, expect.budget("size"), f"{own:.3g} MB{its}", MB)


def _budget(name: str, own: float, declared: float | None, sentence: str, unit: tuple[str, float]) -> Check:
    """`declared` is in bytes or seconds, of which `unit` has so many; without it, the figure is only told."""
    word, many = unit
    if declared is None:
        sentence = f"{sentence}; [expect] {name} declares no budget"
        return Check(name, Result.PASS, sentence, own, None, f"expect.{name}", word)
    limit = declared / many
    above = own > limit
    sentence = f"{sentence}; {'above' if above else 'within'} the budget of {limit:.3g} {word}"
    return Check(name, Result.HOLD if above else Result.PASS, sentence, own, limit, f"expect.{name}", word)


def _megabytes(subject: Subject) -> float:
    return (subject.package / MODEL).stat().st_size / MB[1]


def _seconds(subject: Subject) -> float:
    rows = np.arange(1000, dtype=np.int64) % max(subject.catalogue.size, 1)
    context = parse_context(subject.engine.spec, {})
    times = []
    for _ in range(15):
        started = time.perf_counter()
        subject.engine.score(rows, context)
        times.append(time.perf_counter() - started)
    return min(times)  # the rest of a time is other processes'
