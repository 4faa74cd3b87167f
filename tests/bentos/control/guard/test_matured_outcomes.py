"""Explored decisions of the log count once, with all their outcomes."""

from __future__ import annotations

from bentos.control.guard.matured_outcomes import MaturedOutcomes
from bentos.control.guard.quantities import ORDER
from bentos.control.guard.watched_version import read_watched
from bentos.home.struck_evidence import restore, strike
from models.declaration.sections import GuardSection
from monitoring.log.record import Decision, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.struck import StruckWindow
from tests.bentos.control.guard.examples import decision, head
from tests.bentos.control.guard.staged import START, answer, logged, look, outcome, wait_for
from tests.faults.months import Stage


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
    delay = stage.watcher._outcomes.pending.delay
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
    wait_for(lambda: all(each.found.done() for each in fresh._outcomes._recall._under_way))
    look(stage, [answer(stage, 52, time=START + delay + 60)])
    again = fresh.guard("1").report()[ORDER]
    assert again["observations"] == 50
    assert len(fresh._outcomes.pending) == 0


def test_versions_without_evidence_have_nothing_to_recall(stage: Stage) -> None:
    """What was explored before the guard first watched them has not been counted, and is not."""
    logged(stage, [answer(stage, number, explored=True) for number in range(3)])
    found = MaturedOutcomes(stage.home, "small")
    found.watch(read_watched(stage.home.version("1"), GuardSection()))
    assert not found._recall.under_way
    assert found.observe([], {}) == {}


def test_the_slowest_version_says_how_long_outcomes_are_waited_for(stage: Stage) -> None:
    found = MaturedOutcomes(stage.home, "small")
    for hours in (2, 5, 1):
        section = GuardSection(matured_after=f"{hours}h")
        found.watch(read_watched(stage.home.version("1"), section))
    assert found.pending.delay == 5 * 3600.0


def test_only_answers_of_a_version_that_explored_wait(stage: Stage) -> None:
    """Under a fallback nothing was explored by the version."""
    found = MaturedOutcomes(stage.home, "small")
    found.pending.delay = 100.0
    found.observe(
        [
            head(decision(0, explored=True)),
            head(decision(1)),
            head(decision(2, explored=True, fallback="scoring failed: x")),
        ],
        {},
    )
    assert len(found.pending) == 1


def test_an_outcome_that_is_told_while_the_guard_looks_is_not_lost(stage: Stage) -> None:
    """A replay tells within milliseconds: the decision is read at the next look, and so is its outcome."""
    found = MaturedOutcomes(stage.home, "small")
    found.watch(watched := read_watched(stage.home.version("1"), GuardSection()))
    found.pending.delay = 10.0
    one = answer(stage, 1, explored=True)
    found.read()
    log = SegmentWriter(stage.home.log / "outcomes", "ranker")
    values = [(item, float(place % 3)) for place, item in enumerate(one.candidates)]
    log.append(encode_outcomes([outcome(one, item, value) for item, value in values]))
    log.close()
    assert found.observe([], {"1": watched}) == {}  # the decision was written since the records were read
    found.read()
    clock = head(answer(stage, 2, time=START + 60.0))
    found.observe([head(one)], {"1": watched})
    assert [*found.observe([clock], {"1": watched})] == ["1"]


def test_struck_outcomes_are_counted_no_more_and_again_once_restored(stage: Stage) -> None:
    """Of 40 explored answers 20 were decided, and told of, in the window; a restart keeps to that."""
    early = [answer(stage, number, explored=True) for number in range(20)]
    late = [answer(stage, 100 + number, explored=True) for number in range(20)]
    look(stage, [*early, *late])
    log = SegmentWriter(stage.home.log / "outcomes", "ranker")
    for one in (*early, *late):
        values = [(item, float(place % 3)) for place, item in enumerate(one.candidates)]
        log.append(encode_outcomes([outcome(one, item, value) for item, value in values]))
    log.close()
    far = stage.watcher._outcomes.pending.delay + 1000.0

    def counted() -> int:
        found = stage.watcher._outcomes
        look(stage, [answer(stage, 250, time=START + far + stage.now)])  # the clock
        wait_for(lambda: all(each.found is None or each.found.done() for each in found._recall._under_way))
        look(stage, [answer(stage, 250, time=START + far + stage.now)])
        return int(stage.watcher.guard("1").report()[ORDER]["observations"])

    assert counted() == 40
    window = StruckWindow(START - 1.0, START + 71.0, "the feed was upside down", "ann", 5.0)
    strike(stage.home, window)  # early answers end at 19 s, their outcomes come 50 s later
    assert counted() == 20
    stage.watcher._save()
    stage.watcher = stage.control.watcher()
    assert counted() == 20
    restore(stage.home, 1, "ann", "it was right", 6.0)
    assert counted() == 40
