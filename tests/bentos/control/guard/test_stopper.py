"""Stops on record, and what serves instead."""

from __future__ import annotations

from bentos.control.guard.quantities import UNSOUND
from bentos.home.stops import Stops
from tests.bentos.control.guard.staged import NOT_FINITE, answer, look, state_of
from tests.faults.months import Stage


def test_what_all_versions_share_stops_none(stage: Stage) -> None:
    """The second to trip releases the first, and the quantity is not acted on again."""
    look(stage, [answer(stage, n, "2", fallback=NOT_FINITE) for n in range(20)])
    assert list(state_of(stage).stopped) == ["2"]
    state = look(stage, [answer(stage, 50 + n, "1", fallback=NOT_FINITE) for n in range(20)])
    assert (state.stopped, state.champion) == ({}, "1")
    shared = Stops.of(stage.home).active("shared")
    assert list(shared) == [UNSOUND]
    assert shared[UNSOUND].done == "it is not the version: the champion keeps serving"
    epoch = look(stage, [answer(stage, 90 + n, "1", fallback=NOT_FINITE) for n in range(50)]).epoch
    assert state_of(stage).epoch == epoch == state.epoch
