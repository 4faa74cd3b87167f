"""The Scorer's jobs, as both sides and BentoML between them have them."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import numpy as np
import pytest

from bentos.decisions.scoring import Remote
from bentos.home.state import Home
from bentos.scorer import Scorer, Scores
from bentos.wire.messages import RankRequest
from bentos.wire.score_jobs import JobFailed, JobRefused, JobResult, JobScores, ScoreJob
from bentos.worker.serving import Serving, load
from tests.bentos.worker.states import state_of

KNOWN = [f"item-{row}" for row in range(8)]


@pytest.fixture(scope="module")
def serving(two_versions: Home) -> Serving:
    return load(two_versions, state_of(two_versions), None)


def job_of(serving: Serving, **changes: Any) -> ScoreJob:
    """The job that a Ranker sends."""
    sent: list[ScoreJob] = []

    async def call(jobs: list[ScoreJob]) -> list[JobResult]:
        sent.extend(jobs)
        return [{"scores": np.zeros(8), "known": np.ones(8, bool)}]

    request = RankRequest("u", KNOWN, context={"hour": 20})
    asyncio.run(Remote(call).score(serving, serving.champion, request))
    [job] = sent
    return {**job, **changes}  # type: ignore[typeddict-item]


def test_a_ranker_sends_what_the_type_says(serving: Serving) -> None:
    """Ids and a version, no features; BentoML's model of the request lets it through whole."""
    job = job_of(serving)
    assert job.keys() == ScoreJob.__annotations__.keys()
    assert job == {
        "version": "1",
        "snapshot": serving.catalogue.snapshot,
        "ids": KNOWN,
        "context": {"hour": 20},
    }
    model = Scorer.apis["score"].input_spec  # type: ignore[attr-defined]
    assert model.model_validate({"jobs": pickle.loads(pickle.dumps([job]))}).jobs == [job]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, JobScores),
        ({"ids": ["nowhere"]}, JobScores),
        ({"context": {"hour": "late"}}, JobRefused),
        ({"version": "9"}, JobFailed),
    ],
)
def test_the_scorer_answers_what_a_type_says(
    serving: Serving, changes: dict[str, Any], kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores, a refusal, or a failure; each goes through a pickle as it is."""
    scores = Scores()
    monkeypatch.setattr(scores._follower, "look", lambda: None)
    scores._keep(serving)
    [result] = scores.batch([job_of(serving, **changes)])
    assert result.keys() == kind.__annotations__.keys()
    again = pickle.loads(pickle.dumps(result))
    assert again.keys() == result.keys()
    if kind is JobScores:
        assert again["scores"].dtype == np.float64
        assert again["known"].dtype == np.bool_
