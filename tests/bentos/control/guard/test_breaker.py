"""What is stopped, as the loop, /status and MLflow are told it."""

from __future__ import annotations

import asyncio

from bentos.control.guard.quantities import UNKNOWN
from bentos.decisions.scoring import Embedded
from bentos.home.stops import Stops, clear
from tests.bentos.control.guard.answering import ABSENT, ITEMS, system
from tests.faults.months import Stage


def test_a_shared_fault_with_fallback_declared(guarded: Stage) -> None:
    """Candidates that nobody knows: all answers are in the declared order until a person clears it."""

    async def run() -> None:
        one = system(guarded, Embedded())
        [healthy] = await one.ask(1, ITEMS)
        assert healthy["fallback"] is None
        assert not one.state.stopped
        await one.ask(30, ITEMS[:3] + ABSENT)
        shared = Stops.of(guarded.home).active("shared")
        assert list(shared) == [UNKNOWN]
        assert shared[UNKNOWN].done == (
            "it is not the version: all answers are in the declared fallback order"
        )
        assert list(one.state.stopped) == ["1"]
        [answer] = await one.ask(1, [*ABSENT[:1], *ITEMS])
        assert answer["fallback"].startswith(
            "stopped by the guard: a fault of all versions: unknown candidates"
        )
        assert answer["items"] == [*one.cheapest_first(ITEMS), ABSENT[0]]
        assert one.record.fallback == answer["fallback"]
        assert list(one.record.propensities) == answer["propensities"] == [1.0] * 9
        clear(guarded.home, UNKNOWN, "ann", "the catalogue is whole again")
        one.look()
        assert not one.state.stopped
        [again] = await one.ask(1, ITEMS)
        assert (again["items"], again["scores"]) == (healthy["items"], healthy["scores"])

    asyncio.run(run())
