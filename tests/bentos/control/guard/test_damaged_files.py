"""Files damaged on disk: memory that was proven serves on, until a worker must load again."""

from __future__ import annotations

from bentos.control.guard.damaged_files import SERVES_ON
from bentos.home.acknowledgements import acknowledge
from bentos.home.journal import decisions
from bentos.home.state import CHALLENGER, CHAMPION, Served, State, write_state
from bentos.home.stops import Stop, Stops
from models.package import MODEL
from tests.bentos.control.guard.staged import answer, look, score_all_again, state_of
from tests.faults.months import Stage
from tests.overwrite import overwrite


def flip(stage: Stage, version: str) -> None:
    path = stage.home.version(version) / MODEL
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    overwrite(path, bytes(content))


def worker(stage: Stage, problem: str | None = None, unloadable: str | None = None) -> None:
    """This process, as a worker that serves the state, or could not load a version of it."""
    acknowledge(stage.home.acks, "ranker", state_of(stage), problem, unloadable=unloadable)


def stop_of(stage: Stage, version: str) -> Stop:
    found = Stops.of(stage.home).get(version)
    assert found is not None
    return found


def test_memory_serves_on_until_a_worker_must_load(stage: Stage) -> None:
    """Then the challenger, which passed, serves everywhere; what is said says which of the two it is."""
    worker(stage)
    flip(stage, "1")
    assert look(stage, []).stopped == {}
    kept = stop_of(stage, "1")
    assert kept.kind == "files"
    assert kept.done == f"{SERVES_ON}; once one must load it again, version 2 serves everywhere"
    assert look(stage, []).epoch == 1
    worker(stage, "epoch 1 can't be served", unloadable="1")
    state = look(stage, [])
    assert (state.versions, list(state.stopped)) == ({CHAMPION: "2", CHALLENGER: "2"}, ["1"])
    assert (stop_of(stage, "1").kind, stop_of(stage, "1").done) == ("version", "version 2 serves")
    events = [each["event"] for each in decisions(stage.home)]
    assert events[0] == "files damaged"
    assert events[-1] == "guard stopped"


def test_a_worker_that_cannot_load_has_the_files_proven_at_once(stage: Stage) -> None:
    """Also files that were damaged while no Steward looked; once for each worker, and not for whole files."""
    flip(stage, "1")
    stage.watcher._proofs._files.clear()  # as in a Steward that has just started
    worker(stage, "epoch 1 can't be served", unloadable="1")
    assert list(look(stage, []).stopped) == ["1"]
    worker(stage, "epoch 2 can't be served", unloadable="2")
    assert list(look(stage, []).stopped) == ["1"]
    assert stage.watcher.stopper.damaged.newly_unloadable() == set()


def test_what_is_mended_is_off_the_record(stage: Stage) -> None:
    """By itself: every file has its digest again, before anybody had to load it."""
    worker(stage)
    flip(stage, "1")
    look(stage, [])
    flip(stage, "1")
    assert look(stage, []).stopped == {}
    assert Stops.of(stage.home).all() == []
    assert [each["event"] for each in decisions(stage.home)] == ["files damaged", "files mended"]


def test_answers_from_memory_are_not_held_to_the_damaged_files(stage: Stage) -> None:
    """The Steward's own engine is of the whole files, or there is none: no answer is called wrong."""
    worker(stage)
    records = [answer(stage, number) for number in range(5)]
    score_all_again(stage)
    flip(stage, "1")
    assert look(stage, records).stopped == {}
    assert stop_of(stage, "1").kind == "files"


def test_the_newest_that_passed_takes_over_not_the_champion_before(stage: Stage) -> None:
    """Nobody judged the damaged one to be worse than what came after it."""
    before = (Served("7", 0.0, 1.0),)
    write_state(
        stage.home.state,
        State(1, "small", state_of(stage).snapshot, {CHAMPION: "1", CHALLENGER: "2"}, previous=before),
    )
    worker(stage)
    flip(stage, "1")
    look(stage, [])
    worker(stage, "epoch 1 can't be served", unloadable="1")
    assert look(stage, []).champion == "2"


def test_with_no_other_the_fallback_order_is_announced(guarded: Stage) -> None:
    flip(guarded, "1")
    guarded.watcher.look()
    guarded.watcher._proofs._clock = lambda: 1e9
    guarded.watcher.look()
    assert stop_of(guarded, "1").done.endswith(
        "in the fallback order (as given): no other version has passed"
    )
