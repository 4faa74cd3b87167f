"""Parts over one stream of requests: all are asked, and what none can watch is said."""

from __future__ import annotations

from pathlib import Path

from bentos.control.guard.invariants import InvariantWatch
from bentos.control.guard.quantities import UNKNOWN, broken_of
from bentos.control.guard.request_watch import RequestWatch
from models.features import FeatureSpec
from tests.bentos.control.guard.examples import decision, head

SPEC = FeatureSpec((), (), ("hour",), (), (), ("hour",))


def test_every_part_sees_the_different_requests(tmp_path: Path) -> None:
    """Two viewers are one request; a missing snapshot is said, and what needs no items is observed."""
    parts = [InvariantWatch([sentence], SPEC) for sentence in ("context.hour <= 6", "context.hour >= 0", "x")]
    watch = RequestWatch(tmp_path, parts)
    assert [each.name for each in watch.quantities] == [
        broken_of("context.hour <= 6"),
        broken_of("context.hour >= 0"),
    ]
    assert watch.unwatched == {broken_of("x"): 'can\'t be read from "x" on'}
    found = watch.observe([head(decision(viewer, time=1000.0)) for viewer in range(2)])
    assert found.pop(UNKNOWN) == []
    assert found == {broken_of("context.hour <= 6"): [1.0], broken_of("context.hour >= 0"): [0.0]}
    assert len(watch.failing) == 1
