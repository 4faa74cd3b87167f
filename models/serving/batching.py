"""Coalescing: requests that wait while a thread scores go together into its next call.

There is no timer. An idle Coalescer adds nothing: a small request is scored where it is, on the event
loop, and a larger one by the thread at once. Batches form only out of waiting that would have happened
anyway.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items
from models.engine import Engine, Job
from models.features import Context

Scores = NDArray[np.float64]

INLINE_ROWS = 256  # about 0.1 ms of 1000 trees: less than handing it to a thread and back
INLINE_SECONDS = 0.0015  # as long as this the event loop may score itself, once an engine's pace is known
PACE_ROWS = 64  # of a call, from which on it tells an engine's pace: shorter ones are all fixed cost
CALL_ROWS = 8192  # about 3 ms of 1000 trees: a call that gathers more would only make its first one wait
WAITING_JOBS = 256
WAITING_ROWS = 200_000  # about 70 ms of 1000 trees


class Overloaded(Exception):  # noqa: N818  (the caller is told to come back; nothing is broken)
    """More waits already than is worth waiting for; the sentence gives both numbers."""


@dataclass(eq=False)
class _Waiting:
    engine: Engine
    job: Job
    answer: asyncio.Future[Scores]


class Coalescer:
    """Scores for the coroutines of one event loop, by one thread."""

    def __init__(
        self,
        *,
        inline_rows: int = INLINE_ROWS,
        call_rows: int = CALL_ROWS,
        waiting_jobs: int = WAITING_JOBS,
        waiting_rows: int = WAITING_ROWS,
    ) -> None:
        self._inline_rows, self._call_rows = inline_rows, call_rows
        self._limits = waiting_jobs, waiting_rows
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0  # of all that wait
        self._busy = False
        self._pace: WeakKeyDictionary[Engine, float] = WeakKeyDictionary()  # seconds per row, smoothed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="score")

    @property
    def waiting(self) -> int:
        """How many requests wait for the thread."""
        return len(self._waiting)

    async def score(
        self, engine: Engine, rows: NDArray[np.int64], context: Context, items: Items | None = None
    ) -> Scores:
        """`engine.score(rows, context)`, float64 (n), or its error; where `items` are given, of their rows.

        Raises Overloaded where too many wait.
        """
        job = Job(rows, context, items)
        if not self._busy and self._is_short(engine, rows.size):
            return self._timed(engine, job)
        self._admit(rows.size)
        loop = asyncio.get_running_loop()
        one = _Waiting(engine, job, loop.create_future())
        self._waiting.append(one)
        self._rows += rows.size
        if not self._busy:
            self._call(loop)
        try:
            return await one.answer
        except asyncio.CancelledError:
            self._withdraw(one)
            raise

    def close(self) -> None:
        """End the thread once what it scores is done."""
        self._thread.shutdown(wait=False)

    def _is_short(self, engine: Engine, rows: int) -> bool:
        """Whether to score here: handing over costs a fifth of a request of 3,000 candidates, in vain where
        all cores serve."""
        if rows <= self._inline_rows:
            return True
        pace = self._pace.get(engine)
        return self._inline_rows > 0 and pace is not None and pace * rows <= INLINE_SECONDS

    def _timed(self, engine: Engine, job: Job) -> Scores:
        if job.rows.size < PACE_ROWS:
            return _score_one(engine, job)
        started = time.thread_time()
        scores = _score_one(engine, job)
        self._note(engine, job.rows.size, time.thread_time() - started)
        return scores

    def _timed_batch(self, engine: Engine, jobs: list[Job]) -> list[Scores | Exception]:
        started = time.thread_time()
        results = _score(engine, jobs)
        self._note(engine, sum(job.rows.size for job in jobs), time.thread_time() - started)
        return results

    def _note(self, engine: Engine, rows: int, seconds: float) -> None:
        """`seconds` of this thread's own work: on a busy core a call waits longer than it computes."""
        if rows >= PACE_ROWS:
            pace = seconds / rows
            self._pace[engine] = 0.9 * self._pace.get(engine, pace) + 0.1 * pace

    def _admit(self, rows: int) -> None:
        most_jobs, most_rows = self._limits
        if len(self._waiting) >= most_jobs:
            raise Overloaded(f"{len(self._waiting)} requests wait to be scored: the limit is {most_jobs}")
        if self._waiting and self._rows + rows > most_rows:
            raise Overloaded(f"{self._rows} candidates wait to be scored: the limit is {most_rows}")

    def _withdraw(self, one: _Waiting) -> None:
        if one in self._waiting:  # otherwise the thread has it, and its answer goes nowhere
            self._waiting.remove(one)
            self._rows -= one.job.rows.size

    def _call(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand the thread what waits longest, and what waits behind it for the same engine."""
        batch = self._take()
        self._busy = bool(batch)
        if batch:
            engine, jobs = batch[0].engine, [one.job for one in batch]
            call = loop.run_in_executor(self._thread, self._timed_batch, engine, jobs)
            call.add_done_callback(self._deliver_to(batch, loop))

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        left: deque[_Waiting] = deque()
        rows = 0
        while self._waiting:
            one = self._waiting.popleft()
            size = one.job.rows.size
            if not batch or (one.engine is batch[0].engine and rows + size <= self._call_rows):
                batch.append(one)
                rows += size
            else:
                left.append(one)
        self._waiting = left
        self._rows -= rows
        return batch

    def _deliver_to(
        self, batch: Sequence[_Waiting], loop: asyncio.AbstractEventLoop
    ) -> Callable[[asyncio.Future[list[Scores | Exception]]], None]:
        def deliver(call: asyncio.Future[list[Scores | Exception]]) -> None:
            try:
                results = call.result()
            except BaseException as error:  # the thread itself failed: nobody may be left waiting
                results = [RuntimeError(f"scoring failed: {error!r}")] * len(batch)
            for one, result in zip(batch, results, strict=True):
                _answer(one.answer, result)
            self._call(loop)

        return deliver


def _answer(future: asyncio.Future[Scores], result: Scores | Exception) -> None:
    if future.done():  # its request was cancelled meanwhile
        return
    if isinstance(result, StopIteration):  # which a future refuses to carry
        future.set_exception(RuntimeError(f"scoring failed: {result!r}"))
    elif isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def _score_one(engine: Engine, job: Job) -> Scores:
    return (engine if job.items is None else engine.on(job.items)).score(job.rows, job.context)


def _score(engine: Engine, jobs: list[Job]) -> list[Scores | Exception]:
    """One result per job; a call that fails as a whole is taken apart, so that only the culprit fails."""
    try:
        if len(jobs) == 1:
            return [_score_one(engine, jobs[0])]
        if any(job.items is not None for job in jobs):  # each has a table of its own
            return [_score(engine, [job])[0] for job in jobs]
        results = engine.score_many(jobs)
        if len(results) != len(jobs):
            raise RuntimeError(f"{len(results)} results for {len(jobs)} jobs")
    except Exception as error:
        if len(jobs) == 1:
            return [error]
        return [_score(engine, [job])[0] for job in jobs]
    return list(results)
