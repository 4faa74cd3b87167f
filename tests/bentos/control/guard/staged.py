"""Answers as a worker would have recorded them, under a guard that looks at them."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from bentos.home.state import State, read_state
from models.catalogue.catalogue import Catalogue
from models.engine import load_engine
from models.features import parse_context
from monitoring.log.record import Decision, Outcome, encode
from monitoring.log.segments import SegmentWriter
from tests.faults.months import Stage

START = 1_700_000_000.0  # of event time, unix s


NOT_FINITE = "scores not finite: 1 of 8 scores are not finite"


def answer(stage: Stage, number: int, version: str = "1", **changes: object) -> Decision:
    """One answer as a worker would have recorded it."""
    state = state_of(stage)
    catalogue = Catalogue.open(stage.home.catalogue / state.snapshot)
    engine = load_engine(stage.home.version(version), catalogue)
    items, context = [f"item-{number % 300 * 8 + place}" for place in range(8)], {"hour": float(number % 24)}
    scores = engine.score(catalogue.rows(items), parse_context(engine.spec, context))
    made = Decision(
        request_id=f"r{number}-{version}",
        time=START + number,
        received=START + number,
        unit="u",
        context=context,
        attributes={},
        arms=[],
        experiments="",
        epoch=1,
        model=f"small/{version}",
        snapshot=state.snapshot,
        candidates=items,
        slate=list(range(8)),
        scores=scores,
        propensities=[1.0] * 8,
        explored=False,
    )
    return msgspec.structs.replace(made, **changes)


def look(stage: Stage, decisions: list[Decision]) -> State:
    logged(stage, decisions)
    stage.now += 1.0
    stage.watcher.look()
    return state_of(stage)


def score_all_again(stage: Stage) -> None:
    breaker = stage.watcher.stopper.breaker
    breaker.look()  # that reads ranker.toml, once
    breaker.section = breaker.section.model_copy(update={"share": 1.0})


def state_of(stage: Stage) -> State:
    state = read_state(stage.home.state)
    assert state is not None
    return state


def logged(stage: Stage, decisions: list[Decision]) -> None:
    log = SegmentWriter(stage.home.log / "decisions", "ranker")
    for decision in decisions:
        log.append(encode(decision))
    log.close()


def outcome(decision: Decision, item: object, value: float) -> Outcome:
    told = decision.time + 50
    return Outcome(request_id=decision.request_id, item=item, value=value, time=told, received=told)  # type: ignore[arg-type]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
