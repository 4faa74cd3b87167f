"""The Scorer: batches over several versions, one job's failure its own, and versions held across a swap."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bentos.home.acknowledgements import read_acks
from bentos.home.state import CHALLENGER, CHAMPION, Home
from bentos.scorer import KEEP, Scorer, Scores
from bentos.settings import settings
from bentos.wire.score_jobs import ScoreJob
from models.features import parse_context
from tests.bentos.worker.states import put_state

KNOWN = [f"item-{row}" for row in range(8)]


@pytest.fixture
def scores(deployed: Home) -> Scores:
    """Scores of what the state of epoch 1 names."""
    put_state(deployed)
    found = Scores()
    found._follower.look()
    return found


def job(scores: Scores, version: str = "1", **changes: Any) -> ScoreJob:
    snapshot = scores._held[0].catalogue.snapshot
    made: dict[str, Any] = {"version": version, "snapshot": snapshot, "ids": KNOWN, "context": {"hour": 20}}
    return made | changes  # type: ignore[return-value]


def expected(scores: Scores, reference: str, ids: list[str]) -> list[float]:
    """Worked out beside the batch."""
    version = scores._held[0].versions[reference]
    context = parse_context(version.engine.spec, {"hour": 20})
    return [float(version.engine.score(version.catalogue.rows([each]), context)[0]) for each in ids]


def test_a_batch_has_each_version_s_scores_in_order(scores: Scores) -> None:
    """Two versions, mixed; unknown items are NaN and not known."""
    jobs = [
        job(scores, "2"),
        job(scores, "1", ids=[KNOWN[3], "nowhere", KNOWN[1]]),
        job(scores, "2", ids=KNOWN[4:]),
        job(scores, "1", ids=["nowhere"]),
    ]
    one, two, three, four = scores.batch(jobs)
    assert "scores" in one
    assert "scores" in two
    assert "scores" in three
    assert "scores" in four
    assert one["scores"].tolist() == expected(scores, CHALLENGER, KNOWN)
    assert two["known"].tolist() == [True, False, True]
    assert two["scores"][two["known"]].tolist() == expected(scores, CHAMPION, [KNOWN[3], KNOWN[1]])
    assert np.isnan(two["scores"][1])
    assert three["scores"].tolist() == expected(scores, CHALLENGER, KNOWN[4:])
    assert (four["known"].tolist(), np.isnan(four["scores"]).tolist()) == ([False], [True])


def test_one_job_s_failure_is_its_own(scores: Scores) -> None:
    """A wrong context, a version that nobody has, ids that are none: batch mates are scored."""
    jobs = [
        job(scores, context={"hour": "late"}),
        job(scores, "9"),
        job(scores, snapshot="elsewhere"),
        job(scores, ids=None),
        job(scores),
    ]
    refused, unknown, elsewhere, broken, right = scores.batch(jobs)
    assert "context" in refused
    assert refused["context"][:2] == ("hour", "late")
    snapshot = jobs[0]["snapshot"]
    assert unknown == {"error": f"version 9 on catalogue {snapshot} is not loaded"}
    assert elsewhere == {"error": "version 1 on catalogue elsewhere is not loaded"}
    assert "error" in broken
    assert "scores" in right
    assert right["scores"].tolist() == expected(scores, CHAMPION, KNOWN)


def test_an_engine_that_fails_on_one_request_scores_the_others(scores: Scores) -> None:
    """Its sentence stands where the scores would."""
    serving = scores._held[0]
    whole = serving.champion.engine

    class Picky:
        spec = whole.spec

        def score_many(self, jobs: list[Any]) -> list[Any]:
            found: list[Any] = list(whole.score_many(jobs))
            found[0] = ValueError("no")
            return found

    champion = replace(serving.champion, engine=Picky())  # type: ignore[arg-type]
    scores._held = [replace(serving, versions={**serving.versions, CHAMPION: champion})]
    first, second = scores.batch([job(scores), job(scores)])
    assert first == {"error": "no"}
    assert "scores" in second


def test_what_served_before_a_swap_is_still_scored(scores: Scores, deployed: Home) -> None:
    """A Ranker may be a swap behind, or ahead: then the state is looked at before anyone is refused."""
    put_state(deployed, 2, versions={CHAMPION: "2"})
    [ahead] = scores.batch([job(scores, "2")])
    assert "scores" in ahead
    scores._follower.look()
    [behind] = scores.batch([job(scores, "1")])
    assert "scores" in behind
    for epoch in range(3, 3 + KEEP):
        put_state(deployed, epoch, versions={CHAMPION: "2"})
        scores._follower.look()
    [gone] = scores.batch([job(scores, "1")])
    assert "error" in gone
    assert len(scores._held) == KEEP


def test_a_new_version_is_looked_for_before_it_is_refused(deployed: Home) -> None:
    """The Ranker saw the state first."""
    put_state(deployed, versions={CHAMPION: "1"})
    scores = Scores()
    scores._follower.look()
    put_state(deployed, 2, versions={CHAMPION: "1", CHALLENGER: "2"})
    [found] = scores.batch([job(scores, "2")])
    assert "scores" in found
    assert [serving.state.epoch for serving in scores._held] == [2, 1]


def test_it_loads_only_where_it_scores(deployed: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the Ranker scores itself, it takes neither core nor memory, and acknowledges nothing."""
    put_state(deployed)
    behind: list[bool] = []
    monkeypatch.setattr("bentos.scorer.process_behind", lambda: behind.append(True))
    for runner, kinds in (("embedded", []), ("remote", ["scorer"])):
        monkeypatch.setenv("BALLAST_RUNNER", runner)
        settings.cache_clear()
        service = Scorer.inner()  # type: ignore[attr-defined]
        asyncio.run(service.follow())
        assert [ack.kind for ack in read_acks(deployed.acks)] == kinds
        assert behind == [True]
        if kinds:
            [result] = asyncio.run(service.score([job(service._scores)]))
            assert result["known"].all()
        service.unfollow()


def test_requests_are_batched_and_callers_keep_their_connection() -> None:
    """By BentoML, one worker for all Rankers."""
    method = Scorer.apis["score"]  # type: ignore[attr-defined]
    assert (method.batchable, method.max_batch_size, method.route) == (True, 64, "/score")
    config = Scorer.config  # type: ignore[attr-defined]
    assert config["workers"] == 1
    assert config["runner_connection"] == {"max_requests": 10**9, "max_age": 1e9}
