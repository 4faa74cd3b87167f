"""Admission under simulated load: one server, a queue, clients that wait or don't."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bentos.http.admission import CALM, FEW, RECOVERY, Admission


class Queue:
    """A server that answers one after the other; time is what the arrivals say it is."""

    def __init__(self, service: float) -> None:
        self.now = 0.0
        self.service = service
        self.admission = Admission(lambda: self.now)
        self.free_at = 0.0
        self.waiting: deque[tuple[float, float]] = deque()  # (done, entered)
        self.waits: list[float] = []
        self.refused: list[float] = []

    def arrive(self, at: float) -> None:
        while self.waiting and self.waiting[0][0] <= at:
            done, entered = self.waiting.popleft()
            self.now = done
            self.admission.leave(entered)
        self.now = at
        entered = self.admission.enter()
        if entered is None:
            self.refused.append(at)
            return
        self.free_at = max(self.free_at, at) + self.service
        self.waiting.append((self.free_at, entered))
        self.waits.append(self.free_at - at)


def _poisson(rate: float, seconds: float, seed: int) -> list[float]:
    gaps = np.random.default_rng(seed).exponential(1 / rate, round(rate * seconds))
    return np.cumsum(gaps).tolist()


@settings(max_examples=10)
@given(st.floats(0.001, 0.003), st.floats(1.8, 4), st.integers(0, 10**6))
def test_beyond_capacity_what_is_admitted_hardly_waits(service: float, times: float, seed: int) -> None:
    queue = Queue(service)
    for at in _poisson(times / service, 60, seed):
        queue.arrive(at)
    late = np.quantile(queue.waits, 0.99)
    assert late <= 3 * service, (late, service)
    # One at a time leaves gaps: a server that takes 1 ms is idle until the next arrival.
    assert len(queue.waits) >= 0.5 * 60 / service


@settings(max_examples=20)
@given(st.floats(0.0002, 0.003), st.floats(0.1, 0.8), st.integers(0, 10**6))
def test_below_capacity_nothing_is_refused(service: float, times: float, seed: int) -> None:
    queue = Queue(service)
    for at in _poisson(times / service, 10, seed):
        queue.arrive(at)
    assert not queue.refused


def test_a_burst_within_the_calm_limit_is_served_whole_and_a_larger_one_is_cut() -> None:
    queue = Queue(0.001)
    for at in _poisson(500, 2, 0):
        queue.arrive(at)
    start = queue.now + 1
    for number in range(150):  # each takes 1 ms: FEW are 48 ms of waiting
        queue.arrive(start + number * 1e-7)
    assert 0 < len(queue.refused) <= 150 - min(FEW, CALM / 0.001)
    served = len(queue.waits)
    queue.arrive(start + 2 * CALM + RECOVERY)
    assert len(queue.waits) == served + 1


def test_after_the_overload_a_burst_may_wait_again() -> None:
    queue = Queue(0.001)
    for at in _poisson(3000, 3, 0):
        queue.arrive(at)
    assert queue.refused
    before, start = len(queue.refused), queue.now + RECOVERY + 0.1
    for number in range(50):
        queue.arrive(start + number * 1e-7)
    assert len(queue.refused) == before


def test_requests_that_wait_side_by_side_count_by_what_lies_between_answers() -> None:
    """Thirty-two that wait 20 ms each for Redis, answered every 0.5 ms, are no overload."""
    now = 0.0
    admission = Admission(lambda: now)
    entered = [admission.enter() for _ in range(32)]
    assert None not in entered
    for _ in range(500):
        now += 0.0005
        first = entered.pop(0)
        assert first is not None
        admission.leave(first)
        entered.append(admission.enter())
        assert entered[-1] is not None
