"""A share of the requests scored once more: what comes out otherwise, and what can't be compared."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from bentos.control.guard import rescored_sample
from bentos.control.guard.quantities import APART, SERVED, TAILS
from bentos.control.guard.rescored_sample import SampleRescorer, sample
from bentos.control.guard.watched_version import WatchedVersion, read_watched
from models.declaration.sections import GuardSection
from monitoring.log.record import decode
from tests.bentos.control.guard.examples import decision, head
from tests.bentos.control.guard.staged import answer
from tests.bentos.corrected import Place
from tests.faults.months import Stage


@pytest.fixture
def rescorer(stage: Stage) -> SampleRescorer:
    return SampleRescorer(stage.home.versions, stage.home.catalogue)


@pytest.fixture
def watched(stage: Stage) -> WatchedVersion:
    return read_watched(stage.home.version("1"), GuardSection())


def test_what_was_served_comes_out_again(
    stage: Stage, rescorer: SampleRescorer, watched: WatchedVersion
) -> None:
    """To the last bit; and another version's order is compared where there is one."""
    good = answer(stage, 1)
    assert rescorer.observe(good, watched, "2") == {TAILS: [0.0], SERVED: [0.0], APART: [0.0]}
    one, *rest = good.scores
    assert one is not None
    bad = msgspec.structs.replace(good, scores=[one + 1e-12, *rest])
    assert rescorer.observe(bad, watched, None)[SERVED] == [1.0]
    far = msgspec.structs.replace(good, scores=[1e6, 1e6, *good.scores[2:]])
    assert rescorer.observe(far, watched, None) == {TAILS: [0.25], SERVED: [1.0]}


def test_the_champions_answer_in_an_arms_place_is_not_held_to_the_arm(
    stage: Stage, rescorer: SampleRescorer, watched: WatchedVersion
) -> None:
    """Under any fallback the served scores prove nothing."""
    fallen = answer(stage, 1, fallback="arm unavailable: @challenger is not served")
    assert SERVED not in rescorer.observe(fallen, watched, None)


def test_what_cannot_be_scored_is_logged_once_and_observed_less(
    stage: Stage, rescorer: SampleRescorer, watched: WatchedVersion, caplog: pytest.LogCaptureFixture
) -> None:
    """Another version that is not there, a correction that is not there, a snapshot that is gone."""
    good = answer(stage, 1)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert rescorer.observe(good, watched, "9").keys() == {TAILS, SERVED}
        corrected = msgspec.structs.replace(good, correction="0" * 16)
        assert rescorer.observe(corrected, watched, None).keys() == {TAILS}
        gone = msgspec.structs.replace(good, snapshot="1" * 16)
        assert rescorer.observe(gone, watched, None) == {TAILS: [0.0]}
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert said[0].startswith("version 9 can't score again: ")
    assert said[2].startswith("version 1 can't score again: ")


def test_two_versions_are_compared_on_certified_requests(
    rescorer: SampleRescorer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing lies between a version and its copy; with too few requests, or no version, nobody can say."""
    assert rescorer.apart("1", "2") == (0.0, "")
    gone = rescorer.apart("1", "9")
    assert gone.mean is None
    assert f"versions 1 and 9 are not compared: {gone.why}" in caplog.text
    monkeypatch.setattr(rescored_sample, "COMPARED", 100_000)
    few = rescorer.apart("1", "2")
    assert few.mean is None
    assert few.why.endswith(" certified requests have an order to compare: at least 100000 tell something")


def test_forgotten_files_are_read_anew(
    stage: Stage, rescorer: SampleRescorer, watched: WatchedVersion
) -> None:
    good = answer(stage, 1)
    assert rescorer.observe(good, watched, None)[SERVED] == [0.0]
    moved = Path(f"{stage.home.version('1')}.away")
    stage.home.version("1").rename(moved)
    assert rescorer.observe(good, watched, None)[SERVED] == [0.0]
    rescorer.forget("1")
    assert SERVED not in rescorer.observe(good, watched, None)
    moved.rename(stage.home.version("1"))


def test_the_sample_is_what_a_version_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The share by id, at most so many of a look, and none that was answered without a score."""
    kinds = [None, "arm unavailable: x", "scoring failed: x", "stopped by the guard: x", "scores constant: x"]
    heads = [head(decision(number, fallback=kind)) for number, kind in enumerate(kinds)]
    assert [each.request_id for each in sample(heads, 1.0)] == ["r0", "r1"]
    assert list(sample(heads, 0.0)) == []
    monkeypatch.setattr(rescored_sample, "AT_MOST", 1)
    assert [each.request_id for each in sample(heads, 1.0)] == ["r0"]


def test_the_guard_scores_corrected_records_again(place: Place) -> None:
    """Served scores must be what the correction makes of them; the tails are those of the model's own."""
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    answer = place.rank(903, 10.0)
    place.log.close()
    lines = [line for file in (place.home.log / "decisions").glob("*.jsonl") for line in file.open("rb")]
    record = decode(next(line for line in lines if b'"r903"' in line))
    raw = place.raw(answer)
    own = SimpleNamespace(version="1", tails=(float(raw.min()), float(raw.max())))
    again = SampleRescorer(place.home.versions, place.home.catalogue)
    assert again.observe(record, cast("WatchedVersion", own), None) == {TAILS: [0.0], SERVED: [0.0]}
    scores = [score + 1e-12 for score in answer["scores"]]
    other = msgspec.structs.replace(record, scores=scores)
    assert again.observe(other, cast("WatchedVersion", own), None)[SERVED] == [1.0]
