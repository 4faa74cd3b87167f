"""The guard over a small ranker's log: what it stops, and whose fault it says it is."""

from __future__ import annotations

import time

import msgspec

from bentos.control.guard.quantities import APART, UNSOUND
from bentos.home.state import CHAMPION
from bentos.home.stops import Stops, clear
from tests.bentos.control.guard.staged import NOT_FINITE, answer, look, score_all_again, state_of
from tests.faults.months import Stage
from tests.overwrite import overwrite


def test_healthy_answers_raise_nothing(stage: Stage) -> None:
    """And their scores come out again, bit for bit."""
    score_all_again(stage)
    state = look(stage, [answer(stage, number, version) for number in range(40) for version in ("1", "2")])
    assert state.stopped == {}
    report = stage.watcher.guard("2").report()
    assert report[APART]["observations"] == 40
    assert report[APART]["mean"] == 0.0
    assert report[UNSOUND]["observations"] == 40


def test_unsound_answers_stop_their_version(stage: Stage) -> None:
    """One version's: it stops, the other serves on; and cleared, it is watched anew."""
    healthy = [answer(stage, number) for number in range(20)]
    state = look(stage, healthy + [answer(stage, 50 + n, "2", fallback=NOT_FINITE) for n in range(20)])
    assert list(state.stopped) == ["2"]
    assert state.versions == {CHAMPION: "1"}
    stop = Stops.of(stage.home).active("version")["2"]
    assert (stop.quantity, stop.done) == (UNSOUND, "its arms fall to the champion")
    clear(stage.home, "2", "ann", "the feature is mended")
    assert look(stage, []).stopped == {"2": stop.why}  # until the loop's next tick
    stage.control.move()
    assert state_of(stage).stopped == {}
    assert stage.watcher.guard("2").trips == []


def test_one_answer_that_is_not_the_versions_own_stops_it(stage: Stage) -> None:
    """What a worker served is not what its version gives."""
    score_all_again(stage)
    good = answer(stage, 1)
    scores = list(good.scores)
    bad = msgspec.structs.replace(good, scores=[scores[0] + 1e-9, *scores[1:]])
    state = look(stage, [bad])
    assert list(state.stopped) == ["1"]
    assert "r1-1" in state.stopped["1"]


def test_a_damaged_snapshot_is_no_versions_fault(stage: Stage) -> None:
    """Answers from damaged pages come out otherwise too: the snapshot stops, and no version does."""
    score_all_again(stage)
    good = answer(stage, 1)
    numbers = stage.home.catalogue / good.snapshot / "numeric.npy"
    content = numbers.read_bytes()
    overwrite(numbers, bytes(len(content) - 128), at=128)
    stage.watcher._proofs._files.clear()  # as if the look at the files had come just before
    state = look(stage, [msgspec.structs.replace(good, scores=[0.5] * 8)])
    assert state.stopped == {}
    assert "digest" in state.distrusted
    overwrite(numbers, content)
    clear(stage.home, good.snapshot, "ann", "restored")
    stage.control.move()
    assert look(stage, [answer(stage, 2)]).stopped == {}
    assert state_of(stage).distrusted == ""
    score_all_again(stage)
    late = msgspec.structs.replace(answer(stage, 3), scores=[0.5] * 8)
    before = msgspec.structs.replace(late, received=time.time() - 60)  # read only now, when all is mended
    assert look(stage, [before]).stopped == {}
    after = msgspec.structs.replace(late, received=time.time() + 60, request_id="after")
    assert list(look(stage, [after]).stopped) == ["1"]
