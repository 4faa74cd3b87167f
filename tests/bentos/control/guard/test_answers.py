"""What each answer tells, and a fault behind answers that no version has: Redis gone."""

from __future__ import annotations

import asyncio

from bentos.control.guard import answers
from bentos.control.guard.first_seen import FirstOfMinute
from bentos.control.guard.quantities import FALLBACK, NO_SCORES, SLOW, UNSOUND
from bentos.decisions.scoring import FromRedis
from bentos.home.stops import Stops
from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import connect, publish
from models.catalogue.redis_link import PAUSE
from tests.bentos.control.guard.answering import ITEMS, one_state, system
from tests.bentos.control.guard.conftest import Made
from tests.bentos.control.guard.examples import decision, head
from tests.faults.months import Stage
from tests.models.catalogue.redises import server


def test_answers_tell_of_their_version_or_of_nobody() -> None:
    """A fallback counts against whoever caused it; the guard's own counts against none."""
    kinds = [None, "scores not finite: 1 of 3", "scoring failed: ValueError", "catalogue unavailable: gone",
             "stopped by the guard: x", "arm unavailable: @challenger is not served"]  # fmt: skip
    rows = [head(decision(number, fallback=kind)) for number, kind in enumerate(kinds)]
    last = head(decision(9, seconds=2.0, model="small/4"))
    versions, shared = answers.observe([*rows, last], slow=1.0, new=lambda _: True)
    assert versions["3"] == {
        UNSOUND: [0, 1, 0, 0],
        FALLBACK: [0, 0, 1, 0],
        SLOW: [0, 0, 0, 0],
    }
    assert versions["4"][SLOW] == [1]
    assert shared == {NO_SCORES: [0, 0, 0, 1, 0, 0]}


def test_what_many_viewers_are_told_counts_once() -> None:
    """Whether a list can be scored; how long each answer took is its own."""
    rows = [head(decision(number, fallback="scoring failed: x", seconds=2.0)) for number in range(50)]
    versions, _ = answers.observe(rows, slow=1.0, new=FirstOfMinute().new)
    assert (versions["3"][FALLBACK], versions["3"][UNSOUND]) == ([1.0], [0.0])
    assert versions["3"][SLOW] == [1.0] * 50


def test_redis_gone_is_no_versions_fault(made: Made, guarded: Stage) -> None:
    """The order is the declared one while Redis is gone, and the version that could not score serves on."""
    declaration = made[0].folder / "guarded.toml"
    declaration.write_text(
        declaration.read_text().replace('when_shared = "fallback"', 'when_shared = "keep"')
    )

    async def run() -> None:
        with server("valkey") as valkey:
            snapshot = Catalogue.open(guarded.home.catalogue / one_state(guarded).snapshot)
            publish(connect(f"redis://127.0.0.1:{valkey.port}", wait=10), snapshot)
            one = system(guarded, FromRedis(f"redis://127.0.0.1:{valkey.port}"))
            [healthy] = await one.ask(1, ITEMS)
            assert healthy["fallback"] is None
            valkey.kill()
            answers = await one.ask(80, ITEMS)
            assert all(each["fallback"].startswith("catalogue unavailable: ") for each in answers)
            assert all(each["items"] == one.cheapest_first(ITEMS) for each in answers)
            shared = Stops.of(guarded.home).active("shared")
            assert list(shared) == [NO_SCORES]
            assert shared[NO_SCORES].done == "it is not the version: the champion keeps serving"
            assert not one.state.stopped
            valkey.start()
            publish(connect(f"redis://127.0.0.1:{valkey.port}", wait=10), snapshot)
            await asyncio.sleep(PAUSE + 0.2)
            await one.ask(1, ITEMS)  # the first that tries again may still be told so
            [again] = await one.ask(1, ITEMS)
            assert (again["items"], again["scores"]) == (healthy["items"], healthy["scores"])
            assert not one.state.stopped
            assert Stops.of(guarded.home).active("version") == {}

    asyncio.run(run())
