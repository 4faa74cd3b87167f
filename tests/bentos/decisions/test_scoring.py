"""Where scores come from: the same ones from everywhere, and a reason where there are none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bentos.decisions import scoring
from bentos.decisions.parts import Scored, Scoring, ScoringFailed
from bentos.decisions.scoring import Embedded, FromRedis, Remote, context_of
from bentos.home.state import CHALLENGER, Home
from bentos.scorer import Scores
from bentos.wire.messages import RankRequest
from bentos.wire.score_jobs import JobResult, ScoreJob
from bentos.worker.serving import Serving, load
from models.engine import Engine
from models.features import ContextError
from models.serving.batching import WAITING_ROWS, Overloaded
from tests.bentos.worker.states import state_of

KNOWN = [f"item-{row}" for row in range(8)]
Call = Callable[[list[ScoreJob]], Awaitable[list[JobResult]]]


@pytest.fixture(scope="module")
def serving(two_versions: Home) -> Serving:
    return load(two_versions, state_of(two_versions), None)


@pytest.fixture(scope="module")
def scores(serving: Serving) -> Scores:
    """The Scorer's own, holding what is served."""
    found = Scores()
    found._keep(serving)
    return found


def asked(candidates: list[str], context: dict[str, Any] | None = None) -> RankRequest:
    return RankRequest("u", candidates, context={"hour": 20.0} if context is None else context)


def score(source: Scoring, serving: Serving, request: RankRequest) -> Scored:
    return asyncio.run(source.score(serving, serving.champion, request))


def answering(results: Any) -> Call:
    """A Scorer that always gives this."""

    async def call(_: list[ScoreJob]) -> list[JobResult]:
        if isinstance(results, Exception):
            raise results
        return list(results)

    return call


@pytest.mark.parametrize("candidates", [KNOWN, ["nowhere", *KNOWN[:3], "never"], ["nowhere"]])
def test_the_scorer_gives_the_same_scores(serving: Serving, scores: Scores, candidates: list[str]) -> None:
    """To the bit, and the same candidates are unknown."""

    async def call(jobs: list[ScoreJob]) -> list[JobResult]:
        return scores.batch(jobs)

    one, other = (score(source, serving, asked(candidates)) for source in (Embedded(), Remote(call)))
    assert [candidates[place] for place in one.known] == [each for each in candidates if each in KNOWN]
    for mine, theirs in zip(one, other, strict=True):
        assert mine.tolist() == theirs.tolist()
    assert sorted([*one.known, *one.unknown]) == list(range(len(candidates)))
    assert len(one.scores) == len(one.known)


def test_a_context_is_refused_by_both_alike(serving: Serving, scores: Scores) -> None:
    """Field, value and rule."""

    async def call(jobs: list[ScoreJob]) -> list[JobResult]:
        return scores.batch(jobs)

    refused = []
    for source in (Embedded(), Remote(call)):
        with pytest.raises(ContextError) as caught:
            score(source, serving, asked(KNOWN, {"hour": "late"}))
        refused.append((caught.value.field, caught.value.value, caught.value.rule))
    assert refused[0] == refused[1]
    assert refused[0][:2] == ("hour", "late")


def test_what_another_version_knows_is_left_out(serving: Serving) -> None:
    """What none of them knows is an error."""
    wider = replace(serving, context_names=serving.context_names | {"weather"})
    spec = serving.champion.engine.spec
    given = {"hour": 20.0, "weather": "rain"}
    assert context_of(wider, spec, given) == context_of(serving, spec, {"hour": 20.0})
    with pytest.raises(ContextError, match="weather"):
        context_of(serving, spec, given)
    with pytest.raises(ContextError, match="wind"):
        context_of(wider, spec, given | {"wind": 3.0})


def test_an_engine_that_fails_has_no_scores(serving: Serving) -> None:
    """The record's reason names the kind of error, not what a stranger's code says."""

    class Broken:
        spec = serving.champion.engine.spec

        def score(self, *_: object) -> None:
            raise ZeroDivisionError("secret")

        def score_many(self, jobs: list[object]) -> list[Exception]:
            return [ZeroDivisionError("secret") for _ in jobs]

    broken: Engine = Broken()  # type: ignore[assignment]
    version = replace(serving.champion, engine=broken)
    with pytest.raises(ScoringFailed, match=r"^scoring failed: ZeroDivisionError$"):
        asyncio.run(Embedded().score(serving, version, asked(KNOWN)))


@pytest.mark.parametrize(
    ("results", "said"),
    [
        (ConnectionError("gone"), "scorer unavailable: no answer, ConnectionError"),
        ([], "scorer unavailable: it gave 0 answers for one request"),
        ([{"error": "version 7 is not loaded"}], "scorer unavailable: version 7 is not loaded"),
        (
            [{"scores": np.zeros(3), "known": np.ones(3, bool)}],
            "scorer unavailable: it gave 3 scores for 8 candidates",
        ),
    ],
)
def test_what_the_scorer_can_not_give(serving: Serving, results: Any, said: str) -> None:
    """The reason becomes the record's fallback."""
    with pytest.raises(ScoringFailed, match=f"^{re.escape(said)}$"):
        score(Remote(answering(results)), serving, asked(KNOWN))


def test_a_scorer_that_is_late_is_not_waited_for(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """One with too much work is late: the fallback order answers."""
    monkeypatch.setattr(scoring, "REMOTE_TIMEOUT", 0.05)

    async def call(_: list[ScoreJob]) -> list[JobResult]:
        await asyncio.sleep(30)
        raise AssertionError

    with pytest.raises(ScoringFailed, match=r"^scorer unavailable: no answer, TimeoutError$"):
        score(Remote(call), serving, asked(KNOWN))


def test_without_redis_there_are_no_scores(serving: Serving) -> None:
    """Whoever asks is told at once, and the context is checked all the same."""
    source = FromRedis("redis://127.0.0.1:1")
    with pytest.raises(ScoringFailed, match=r"^catalogue unavailable: "):
        score(source, serving, asked(KNOWN))
    with pytest.raises(ContextError):
        score(source, serving, asked(KNOWN, {"hour": "late"}))


def test_more_than_redis_is_asked_for_is_overload(serving: Serving) -> None:
    """Counted in candidates of all requests under way; one alone may be as large as it likes."""
    source = FromRedis("redis://127.0.0.1:1")
    source._rows = WAITING_ROWS - 7
    said = f"{WAITING_ROWS - 7} candidates are being looked up: the limit is {WAITING_ROWS}"
    with pytest.raises(Overloaded, match=f"^{said}$"):
        score(source, serving, asked(KNOWN))
    assert source._rows == WAITING_ROWS - 7
    with pytest.raises(ScoringFailed):
        score(source, serving, asked(KNOWN[:7]))
    assert source._rows == WAITING_ROWS - 7


def test_each_version_has_its_own_scores(serving: Serving) -> None:
    """The one that is asked for scores, whoever is champion."""
    other = asyncio.run(Embedded().score(serving, serving.versions[CHALLENGER], asked(KNOWN)))
    assert other.scores.tolist() != score(Embedded(), serving, asked(KNOWN)).scores.tolist()
