"""The guard over a small ranker's log: what it stops, and whose fault it says it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec
import pytest

from bentos.control.guard import health, watcher
from bentos.control.guard.quantities import ALL, APART, SLOW, UNKNOWN, UNSOUND, family, still_of
from bentos.home.state import CHAMPION
from bentos.home.steward_report import read_report
from bentos.home.stops import Kind, Stops, clear
from monitoring.log.record import Decision
from tests.bentos.control.guard.examples import trip
from tests.bentos.control.guard.staged import (
    NOT_FINITE,
    answer,
    look,
    score_all_again,
    state_of,
    wait_for,
)
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


def fails(*_: object, **__: object) -> None:
    raise OSError("no space left")


def problems(stage: Stage, *, looked: bool = True) -> list[str]:
    """What /status has of the guard that fails."""
    if looked:
        stage.watcher.health.looked()  # as its thread would say
    stage.control.tick()
    report = read_report(stage.home)
    assert report is not None
    found = [each for each in report.problems if each.startswith("guard: does not watch as it should")]
    assert bool(found) is bool(report.guard_failures)
    return found


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        (health.PROOFS, lambda watcher: (watcher._proofs, "look")),
        (health.TAKE_UP, lambda watcher: (watcher._taken_up, "look")),
        (health.RECORDS, lambda watcher: (watcher._decisions, "new")),
        (health.CONTEXT, lambda watcher: (watcher._taken_up.context, "observe")),
        (health.AGAIN, lambda watcher: (watcher._rescorer, "observe")),
        (health.OUTCOMES, lambda watcher: (watcher._outcomes, "observe")),
        (health.KEEPING, lambda watcher: (watcher._guards, "save")),
    ],
)
def test_a_part_that_fails_is_a_problem_until_it_works(
    stage: Stage,
    part: str,
    broken: Callable[[watcher.Watcher], tuple[object, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what the other parts observe counts all the same."""
    score_all_again(stage)
    look(stage, [])
    with monkeypatch.context() as patched:
        patched.setattr(*broken(stage.watcher), fails)
        stage.now += watcher.SAVE
        look(stage, [answer(stage, number) for number in range(5)])
        assert problems(stage) == [f"guard: does not watch as it should: {part}: OSError: no space left"]
    counted = 0 if part == health.RECORDS else 5
    assert stage.watcher.guard("1").report()[SLOW]["observations"] == counted
    stage.now += watcher.SAVE
    look(stage, [answer(stage, 9)])
    assert problems(stage) == []


def test_a_version_that_cannot_be_scored_again_is_a_problem_until_it_can(stage: Stage) -> None:
    """The snapshot is gone that it answered from: nobody knows whether the scores were its own."""
    score_all_again(stage)
    look(stage, [answer(stage, 1, "2", snapshot="1" * 16)])
    context, again = problems(stage)
    said = "guard: does not watch as it should"
    assert context.startswith(f"{said}: context: items of snapshot 1111111111111111 are not looked up: ")
    assert again.startswith(f"{said}: scoring again: version 2 can't score again: ")
    look(stage, [answer(stage, 2, "2")])
    assert problems(stage) == []


def test_a_stop_that_cannot_be_written_is_tried_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trip happens once: what follows from it must not be lost with a full disk."""
    with monkeypatch.context() as patched:
        patched.setattr(type(stage.watcher.stopper.breaker.stops), "put", fails)
        state = look(stage, [answer(stage, n, "2", fallback=NOT_FINITE) for n in range(20)])
        assert state.stopped == {}
        assert problems(stage) == [
            f"guard: does not watch as it should: stops: {UNSOUND}: OSError: no space left"
        ]
    assert list(look(stage, []).stopped) == ["2"]
    assert problems(stage) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_guard_whose_thread_is_dead_or_hangs_is_a_problem(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In /status, with the other parts' failures; it is over when it looks again."""
    stop, hold = threading.Event(), threading.Event()
    monkeypatch.setattr(health, "HANGS", 0.5)
    monkeypatch.setattr(stage.watcher, "look", hold.wait)
    thread = threading.Thread(target=stage.watcher.run, args=(stop,), daemon=True)
    thread.start()
    wait_for(lambda: bool(problems(stage, looked=False)))
    [said] = problems(stage, looked=False)
    assert said.endswith("it is dead or hangs")
    hold.set()
    wait_for(lambda: problems(stage, looked=False) == [])
    monkeypatch.setattr(stage.watcher, "look", lambda: (_ for _ in ()).throw(SystemExit))
    thread.join(20)
    assert problems(stage) == ["guard: does not watch as it should: thread: it has ended"]
    stop.set()


def test_what_was_cleared_is_not_said_again_by_answers_from_before(stage: Stage) -> None:
    """Of all versions, or of one: only what is answered from then on tells of it."""

    def unknown(first: int, received: float) -> list[Decision]:
        absent = [f"nothing-{place}" for place in range(8)]
        return [
            answer(stage, number, candidates=absent, received=received, slate=[], scores=[], propensities=[])
            for number in range(first, first + 40_000, 1000)
        ]

    def unsound(first: int, received: float) -> list[Decision]:
        numbers = range(first, first + 20)
        return [answer(stage, n, "2", fallback=NOT_FINITE, received=received) for n in numbers]

    now = time.time()
    stops = Stops.of(stage.home)
    look(stage, [*unknown(0, now - 60), *unsound(50, now - 60)])
    said = {UNKNOWN, family(still_of("hour")), "2"}
    assert stops.active("shared").keys() | stops.active("version").keys() == said
    for subject in said:
        clear(stage.home, subject, "ann", "it is mended")
    look(stage, [*unknown(100_000_000, now - 30), *unsound(100, now - 30)])
    assert stops.active("shared") == stops.active("version") == {}
    assert stage.watcher.guard("2").report()[UNSOUND]["observations"] == 0
    look(stage, [*unknown(200_000_000, now + 60), *unsound(150, now + 60)])
    assert stops.active("shared").keys() == said - {"2"}
    assert stage.watcher.guard("2").report()[UNSOUND]["evidence"] > 1


def test_a_version_that_serves_from_memory_is_scored_again_from_memory(stage: Stage) -> None:
    """Its files are damaged, which is said; that is no failure of the guard, also where it must load them."""
    score_all_again(stage)
    look(stage, [answer(stage, 1, "1"), answer(stage, 1, "2")])
    later = [answer(stage, number, version) for number in (2, 3) for version in ("1", "2")]
    model = stage.home.version("2") / "model.cb"
    overwrite(model, b"damaged")
    look(stage, later[:2])
    assert stops_of(stage, "files") == {"2"}
    assert stage.watcher.guard("2").report()[APART]["observations"] == 2
    stage.watcher._rescorer.forget("2")  # as after a restart
    look(stage, later[2:])
    assert stage.watcher.guard("2").report()[APART]["observations"] == 2
    assert problems(stage) == []


def stops_of(stage: Stage, kind: Kind) -> set[str]:
    return set(Stops.of(stage.home).active(kind))


def test_what_is_cleared_while_the_guard_acts_is_not_said_again(stage: Stage) -> None:
    """A feed that fails trips thirty quantities at one look; a person may be quicker than all of them."""
    stopper, home = stage.watcher.stopper, stage.home
    moved = stopper.move

    def move() -> object:
        clear(home, "context stands still", "ann", "it is mended")
        return moved()

    stopper.move = move
    stage.watcher._to_do = [trip(ALL, still_of(name)) for name in ("delay", "pressure")]
    stage.watcher._act()
    [stop] = Stops.of(home).all()
    assert (stop.quantity, stop.cleared is None) == ("delay stands still", False)
