"""The Coalescer: everyone gets their own rows, whatever is scored together, fails or gives up."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.engine import Job
from models.features import Context, FeatureSpec
from models.serving.batching import INLINE_SECONDS, Coalescer, Overloaded

NOTHING = FeatureSpec((), (), (), (), (), ())
LIMIT = 20  # seconds after which a test that hangs has failed


class Arithmetic:
    """An engine whose scores show whose they are: version · 10⁶ + row + context. Negative rows fail."""

    kind: Literal["kernel"] = "kernel"
    reason = "arithmetic"
    digest = "0" * 16
    spec = NOTHING

    def __init__(self, version: int, gate: threading.Event | None = None) -> None:
        self.version, self.gate = version, gate
        self.started = threading.Event()
        self.calls: list[int] = []

    def score(self, rows: NDArray[np.int64], context: Context) -> NDArray[np.float64]:
        if rows.size and rows.min() < 0:
            raise IndexError(f"row {rows.min()} of version {self.version}")
        return self.version * 1e6 + rows + float(context.numeric[0])

    def score_many(self, jobs: list[Job]) -> list[NDArray[np.float64] | Exception]:
        self.calls.append(len(jobs))
        self.started.set()
        if self.gate is not None:
            self.gate.wait(LIMIT)
        return [self._attempt(job) for job in jobs]

    def on(self, items: object) -> "Arithmetic":
        return self

    def features(self, rows: NDArray[np.int64], context: Context) -> dict[str, NDArray[Any]]:
        return {}

    def _attempt(self, job: Job) -> NDArray[np.float64] | Exception:
        try:
            return self.score(job.rows, job.context)
        except IndexError as error:
            return error


class Gated(Arithmetic):
    """Holds its thread until told: what arrives meanwhile waits."""

    def score(self, rows: NDArray[np.int64], context: Context) -> NDArray[np.float64]:
        self.calls.append(1)
        self.started.set()
        assert self.gate is not None
        self.gate.wait(LIMIT)
        return super().score(rows, context)


def context(value: float) -> Context:
    return Context(np.array([value], np.float32), ())


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await main()

    asyncio.run(limited())


requests = st.lists(
    st.tuples(
        st.integers(0, 2),  # version
        st.lists(st.integers(0, 5000), max_size=40),  # rows
        st.integers(0, 100),  # context
        st.sampled_from(["score", "score", "score", "fail", "cancel"]),
        st.booleans(),  # yield to the event loop before the next one
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(requests, st.integers(0, 20), st.integers(1, 60))
def test_everyone_gets_their_own(asked: list[Any], inline: int, call: int) -> None:
    """A mix of sizes, versions, failures and cancellations: an answer follows from its request alone."""

    async def main() -> None:
        engines = [Arithmetic(version) for version in range(3)]
        coalescer = Coalescer(inline_rows=inline, call_rows=call)
        tasks = []
        for version, rows, value, fate, pause in asked:
            wanted = np.array([-7, *rows] if fate == "fail" else rows, np.int64)
            tasks.append(asyncio.ensure_future(coalescer.score(engines[version], wanted, context(value))))
            if pause:
                await asyncio.sleep(0)
            if fate == "cancel":
                tasks[-1].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        for (version, rows, value, fate, _), answer in zip(asked, answers, strict=True):
            if fate == "fail":
                assert isinstance(answer, IndexError)
                assert str(answer) == f"row -7 of version {version}"
            elif fate == "score" or not isinstance(answer, asyncio.CancelledError):
                assert isinstance(answer, np.ndarray)
                assert answer.tolist() == [version * 1e6 + row + value for row in rows]
        assert coalescer.waiting == 0
        coalescer.close()

    run(main)


def test_waiting_requests_share_the_next_call_in_order() -> None:
    """While the thread scores one, five more arrive for two versions: two calls, first come first."""

    async def main() -> None:
        gate = threading.Event()
        first, other = Gated(0, gate), Arithmetic(1)
        coalescer = Coalescer(inline_rows=0)
        order: list[int] = []

        async def ask(engine: Arithmetic, row: int) -> None:
            assert (await coalescer.score(engine, np.array([row]), context(0))).tolist() == [
                engine.version * 1e6 + row
            ]
            order.append(row)

        tasks = [asyncio.ensure_future(ask(first, 0))]
        await asyncio.to_thread(first.started.wait, LIMIT)
        for row in range(1, 6):
            tasks.append(asyncio.ensure_future(ask(first if row % 2 else other, row)))
            await asyncio.sleep(0)
        assert coalescer.waiting == 5
        gate.set()
        await asyncio.gather(*tasks)
        assert first.calls[:2] == [1, 3]
        assert other.calls == [2]
        assert order == [0, 1, 3, 5, 2, 4]
        coalescer.close()

    run(main)


def test_idle_and_small_is_scored_on_the_event_loop() -> None:
    """No thread is involved for a small request of an idle Coalescer; a large one goes to the thread."""

    async def main() -> None:
        seen: list[str] = []

        class Where(Arithmetic):
            def score(self, rows: NDArray[np.int64], context: Context) -> NDArray[np.float64]:
                seen.append(threading.current_thread().name)
                return super().score(rows, context)

        coalescer = Coalescer(inline_rows=3)
        await coalescer.score(Where(0), np.arange(3), context(0))
        await coalescer.score(Where(0), np.arange(4), context(0))
        assert seen == [threading.main_thread().name, "score_0"]
        coalescer.close()

    run(main)


def test_overload_is_refused_and_passes() -> None:
    """The queue is bounded in requests and in rows; once it has drained, requests are taken again."""

    async def main() -> None:
        gate = threading.Event()
        engine = Gated(0, gate)
        coalescer = Coalescer(inline_rows=0, waiting_jobs=3, waiting_rows=10)
        tasks = [asyncio.ensure_future(coalescer.score(engine, np.arange(2), context(0)))]
        await asyncio.to_thread(engine.started.wait, LIMIT)
        for size in (4, 5):
            tasks.append(asyncio.ensure_future(coalescer.score(engine, np.arange(size), context(0))))
            await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="9 candidates wait to be scored: the limit is 10"):
            await coalescer.score(engine, np.arange(2), context(0))
        tasks.append(asyncio.ensure_future(coalescer.score(engine, np.arange(1), context(0))))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="3 requests wait to be scored: the limit is 3"):
            await coalescer.score(engine, np.arange(0), context(0))
        gate.set()
        assert [len(scores) for scores in await asyncio.gather(*tasks)] == [2, 4, 5, 1]
        assert len(await coalescer.score(engine, np.arange(3), context(0))) == 3
        coalescer.close()

    run(main)


def test_a_cancelled_request_leaves_the_queue() -> None:
    """Whoever gives up waiting makes room at once, and is not scored."""

    async def main() -> None:
        gate = threading.Event()
        engine = Gated(0, gate)
        coalescer = Coalescer(inline_rows=0, waiting_jobs=1)
        held = asyncio.ensure_future(coalescer.score(engine, np.arange(2), context(0)))
        await asyncio.to_thread(engine.started.wait, LIMIT)
        leaving = asyncio.ensure_future(coalescer.score(engine, np.arange(3), context(0)))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert coalescer.waiting == 0
        staying = asyncio.ensure_future(coalescer.score(engine, np.arange(4), context(0)))
        await asyncio.sleep(0)
        gate.set()
        assert len(await held) == 2
        assert len(await staying) == 4
        assert engine.calls == [1, 1]
        coalescer.close()

    run(main)


@pytest.mark.parametrize("broken", [RuntimeError("all of it"), None])
def test_a_call_that_fails_as_a_whole_is_taken_apart(broken: Exception | None) -> None:
    """An engine whose batch raises, or gives too few results, still answers those that are sound."""

    class Broken(Gated):
        def score_many(self, jobs: list[Job]) -> list[NDArray[np.float64] | Exception]:
            if broken is not None:
                raise broken
            return []

    async def main() -> None:
        gate = threading.Event()
        engine = Broken(0, gate)
        coalescer = Coalescer(inline_rows=0)
        tasks = [asyncio.ensure_future(coalescer.score(engine, np.arange(1), context(0)))]
        await asyncio.to_thread(engine.started.wait, LIMIT)
        for rows in ([1], [-1], [2]):
            tasks.append(asyncio.ensure_future(coalescer.score(engine, np.array(rows), context(0))))
            await asyncio.sleep(0)
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        kinds = [type(answer).__name__ for answer in answers]
        assert kinds == ["ndarray", "ndarray", "IndexError", "ndarray"]
        coalescer.close()

    run(main)


class Watched(Arithmetic):
    """Tells which thread scores, and takes as long as it is told."""

    def __init__(self, seconds: float) -> None:
        super().__init__(1)
        self.seconds, self.threads = seconds, [0]

    def score(self, rows: NDArray[np.int64], context: Context) -> NDArray[np.float64]:
        self.threads.append(threading.get_ident())
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return super().score(rows, context)


@pytest.mark.parametrize(("seconds", "here"), [(0, [False, True, True]), (2 * INLINE_SECONDS, [False] * 3)])
def test_only_a_quick_engine_is_scored_on_the_loop(seconds: float, here: list[bool]) -> None:
    """The first large request goes to the thread; then its pace is known, and a slow one stays there."""
    engine = Watched(seconds)

    async def main() -> None:
        coalescer = Coalescer(inline_rows=8)
        for _ in here:
            await coalescer.score(engine, np.arange(100), context(0))
        coalescer.close()

    run(main)
    assert [thread == threading.get_ident() for thread in engine.threads[1:]] == here
