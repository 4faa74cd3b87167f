"""Single trips and records, for tests of what is made of them."""

from __future__ import annotations

import msgspec

from bentos.control.guard import record_head
from bentos.control.guard.record_head import RecordHead
from monitoring.guard.watch import Trip
from monitoring.log.record import Decision, encode


def trip(version: str, quantity: str = "unsound scores", time: float = 100.0) -> Trip:
    return Trip(version, quantity, "seconds", 1.0, 0.01, 5, f"{quantity}: mean 1", time)


def decision(number: int = 0, **changes: object) -> Decision:
    base = Decision(
        request_id=f"r{number}",
        time=1000.0 + number,
        received=5000.0,
        unit="u",
        context={"hour": 7},
        attributes={},
        arms=[],
        experiments="",
        epoch=1,
        model="small/3",
        snapshot="s",
        candidates=["a", "b", "c"],
        slate=[2, 0, 1],
        scores=[0.9, 0.5, None],
        propensities=[1.0, 1.0, 1.0],
        explored=False,
    )
    return msgspec.structs.replace(base, **changes)


def head(one: Decision) -> RecordHead:
    return record_head.read(encode(one).rstrip(b"\n"))
