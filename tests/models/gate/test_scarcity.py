"""Recent decisions that are too few, or too few to be sure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models.gate.judge import judge
from models.gate.scarcity import too_few, unsure
from models.gate.stats import GateEstimate
from models.gate.verdict import Result
from monitoring.log.record import Decision, Outcome, decode, decode_outcome, encode
from tests.faults.shop import Recipe, Shop
from tests.models.gate.subjects import logged, requests, subject, with_evidence


def test_only_recent_decisions_may_be_too_few() -> None:
    """The windows of training and table are owed; the log's are not."""
    own = requests([2, 2], np.zeros(4))
    asked = dataclasses.replace(own, as_asked=True, source="recent decisions")
    assert too_few("sign", own, 2, "requests") is None
    assert too_few("sign", asked, 30, "requests") is None
    found = too_few("sign", asked, 2, "different requests")
    assert found is not None
    assert (found.result, found.figure, found.limit, found.unit) == (Result.PASS, 2, 30, "different requests")
    assert found.sentence == (
        "recent decisions have 2 different requests, too few to compare: 30 would be evidence"
    )


def test_an_open_interval_holds_nobody_unless_it_is_far_below_the_usual() -> None:
    asked = requests([2, 2], np.zeros(4), as_asked=True)
    assert unsure(asked, GateEstimate(0.05, -0.02, 0.12, 40), usual=0.1)
    assert not unsure(asked, GateEstimate(0.0, -0.02, 0.02, 900), usual=0.1)  # half of 0.1 can't be meant
    assert not unsure(asked, GateEstimate(-0.1, -0.2, -0.01, 40), usual=0.1)  # upside down
    assert not unsure(requests([2, 2], np.zeros(4)), GateEstimate(0.05, -0.02, 0.12, 40), usual=0.1)


@pytest.mark.parametrize("count", [1, 2, 7, 29])
def test_a_few_requests_before_promoting_hold_nobody(
    shop: Shop, version: Path, tmp_path: Path, count: int
) -> None:
    """Whoever tries some by hand: they pass as evidence that says nothing, in every check."""
    judged = subject(shop, version, log=logged(tmp_path / "log", shop, version, requests=count))
    verdict = judge(judged)
    assert verdict.result is Result.PASS, verdict.reasons
    few = [check.name for check in verdict.checks if check.source == "too few are no evidence"]
    assert "features against recent decisions" in few


@pytest.mark.parametrize("viewers", [1, 5, 50])
def test_viewers_of_the_same_requests_change_no_verdict(
    shop: Shop, version: Path, tmp_path: Path, viewers: int
) -> None:
    """A healthy retrain passes; every figure of every check is that of one viewer."""
    log = logged(tmp_path / "log", shop, version)
    alone = judge(subject(shop, version, log=log))
    multiplied = judge(subject(shop, version, log=_asked_by(viewers, log)))
    assert multiplied.result is Result.PASS, multiplied.reasons
    timed = {"latency"}
    own, its = (
        {check.name: (check.result, check.figure) for check in each.checks if check.name not in timed}
        for each in (alone, multiplied)
    )
    assert own == its


def test_an_inverted_version_is_seen_whoever_asked(shop: Shop, tmp_path: Path) -> None:
    """Five viewers of sixty requests: sixty are enough."""
    wrong = shop.version(Recipe(model=lambda _, model: (model.set_scale_and_bias(-1.0, 0.0), model)[1]))
    log = _asked_by(5, logged(tmp_path / "log", shop, shop.champion))
    verdict = judge(subject(shop, wrong, log=log))
    assert "upside down: scores go against the outcomes of recent decisions" in verdict.reasons


def test_one_hour_of_traffic_is_no_season(shop: Shop, version: Path, tmp_path: Path) -> None:
    """Sixty requests of one hour: what comes with the hour stands still in them, and is not called frozen."""
    judged = subject(shop, version, log=logged(tmp_path / "log", shop, version))
    assert judged.recent is not None
    still = dataclasses.replace(judged.recent, contexts=[{"hour": 20}] * judged.recent.requests)
    assert still.hours == 1
    assert judge(with_evidence(judged, recent=still)).result is Result.PASS
    days = dataclasses.replace(still, hours=48)
    again = judge(with_evidence(subject(shop, version), recent=days))
    assert "is 20 in every row elsewhere" in again.reasons


def _asked_by(viewers: int, log: Path) -> Path:
    """The log as if so many viewers had asked for each of its requests, one after the other."""
    kinds: tuple[tuple[str, Callable[[bytes], Decision | Outcome]], ...]
    kinds = (("decisions", decode), ("outcomes", decode_outcome))
    for kind, read in kinds:
        (path,) = (log / kind).iterdir()
        lines = [line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"}\n")]
        records = [read(line) for line in lines]
        path.write_bytes(
            b"".join(
                encode(_of_viewer(record, viewer, viewers)) for record in records for viewer in range(viewers)
            )
        )
    return log


def _of_viewer(record: Decision | Outcome, viewer: int, viewers: int) -> Decision | Outcome:
    request = f"{record.request_id}-{viewer}"
    if isinstance(record, Decision):
        received = record.received + viewer / viewers
        return msgspec.structs.replace(record, request_id=request, unit=f"u{viewer}", received=received)
    return msgspec.structs.replace(record, request_id=request)
