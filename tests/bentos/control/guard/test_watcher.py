"""The guard over a small ranker's log: what it stops, what it blames on nobody, what it remembers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bentos.control.guard.quantities import APART, ORDER, SLOW, UNSOUND
from bentos.home.state import CHAMPION, State, read_state
from bentos.home.stops import Stops, clear
from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration, DeclarationError, read
from models.engine import load_engine
from models.features import parse_context
from monitoring.log.record import Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from tests.faults.months import Stage
from tests.models.small import declare, trained
from tests.overwrite import overwrite

START = 1_700_000_000.0  # of event time, unix s
NOT_FINITE = "scores not finite: 1 of 8 scores are not finite"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Declaration, Path, Path]:
    """A declaration, a package trained from it, and its catalogues."""
    folder = tmp_path_factory.mktemp("watched")
    declared = declare(folder / "declared")
    return declared, trained(folder / "home", declared), folder / "home" / "small" / "catalogue"


@pytest.fixture
def stage(made: tuple[Declaration, Path, Path], tmp_path: Path) -> Iterator[Stage]:
    declared, package, catalogues = made
    with Stage.of(package, catalogues, declared.folder / "ranker.toml", tmp_path, ("1", "2")) as found:
        found.watcher.look()
        yield found


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
    stage.control._breaker.look()  # that reads ranker.toml, once
    stage.control._breaker.section = stage.control._breaker.section.model_copy(update={"share": 1.0})


def state_of(stage: Stage) -> State:
    state = read_state(stage.home.state)
    assert state is not None
    return state


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


def test_evidence_outlives_the_watcher(stage: Stage) -> None:
    """A Steward that starts again goes on from where the last one was."""
    stage.now += 10
    look(stage, [answer(stage, number) for number in range(30)])
    stage.now += 10
    stage.watcher.look()
    fresh = stage.control.watcher()
    fresh.look()
    assert fresh.guard("1").report()[SLOW]["observations"] == 30


def test_what_waits_for_outcomes_outlives_the_watcher(stage: Stage) -> None:
    """Each explored decision counts once, and with all its outcomes, also those told after the start."""

    def explored(numbers: range) -> list[Decision]:
        return [answer(stage, number, explored=True) for number in numbers]

    def told(decisions: list[Decision], places: range) -> None:
        log = SegmentWriter(stage.home.log / "outcomes", "ranker")
        for one in decisions:
            values = [(one.candidates[place], float(place % 3)) for place in places]
            log.append(encode_outcomes([outcome(one, item, value) for item, value in values]))
        log.close()

    first = explored(range(30))
    look(stage, first)
    delay = stage.watcher._pending.delay
    told(first, range(8))
    look(stage, [answer(stage, 9, time=START + delay + 9)])  # the clock
    order = stage.watcher.guard("1").report()[ORDER]
    assert order["observations"] == 10
    stage.watcher._save()
    second = explored(range(30, 50))  # while no Steward is there
    logged(stage, second)
    told(second, range(4))
    fresh = stage.control.watcher()
    stage.watcher = fresh
    look(stage, [answer(stage, 51, time=START + delay + 10)])
    told(second, range(4, 8))
    wait_for(lambda: all(each.done() for each in fresh._recall._under_way))
    look(stage, [answer(stage, 52, time=START + delay + 60)])
    again = fresh.guard("1").report()[ORDER]
    assert again["observations"] == 50
    assert len(fresh._pending) == 0


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


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "fallback",
            '"prize"',
            "guard.fallback: 'prize' is neither \"as given\" nor a number of the items: price",
        ),
        ("fallback", '"-hour"', "guard.fallback: '-hour'"),
        ("matured_after", '"-1h"', "guard.matured_after: '-1h'"),
        ("share", "2", "guard.share: 2"),
        ("when_shared", '"stop"', "guard.when_shared: 'stop'"),
        ("slack", "1", "guard.slack: 'slack' is not a key here"),
    ],
)
def test_what_guard_declares_is_checked(
    made: tuple[Declaration, Path, Path], tmp_path: Path, key: str, value: str, said: str
) -> None:
    """By key, value and rule; a feature that is no number of the items by its name."""
    text = (made[0].folder / "ranker.toml").read_text()
    path = tmp_path / "ranker.toml"
    path.write_text(f"{text}\n[guard]\n{key} = {value}\n")
    with pytest.raises(DeclarationError) as refused:
        read(path)
    assert said in str(refused.value)
