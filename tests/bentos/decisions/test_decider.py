"""One decision from the body to the answer: what is refused, what falls back, and what is on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import orjson
import pytest
from prometheus_client import CollectorRegistry

from bentos.decisions.decider import Decider
from bentos.decisions.parts import ScoringFailed
from bentos.decisions.scoring import Embedded
from bentos.home.state import Home
from bentos.wire.problems import RETRY_AFTER, Problem
from bentos.worker.follower import Follower
from bentos.worker.serving import Serving, without_catalogue, without_stopped
from experiments.assignment.plan import compile_plan
from models.serving.batching import Overloaded
from monitoring.guard.sanity import ScoreRange
from monitoring.log.segments import SegmentWriter
from monitoring.metrics import Metrics
from tests.bentos.decisions.deciding import Desk, desk
from tests.bentos.files import LIVE

ITEMS = [f"item-{row}" for row in range(8)]
BODY = {"unit": "u", "candidates": ITEMS, "context": {"hour": 20}}
TRY = LIVE.partition('default: "@champion"\n')[2] % "7"


class Raising:
    """A place that has no scores."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def score(self, *_: object) -> Any:
        raise self._error


@pytest.fixture
def at(two_versions: Home, tmp_path: Path) -> Desk:
    """Version 1 answers everybody."""
    return desk(two_versions, tmp_path, "")


def over(at: Desk, serving: Serving, metrics: Metrics | None = None) -> Decider:
    """A Decider like that of `at`, over another serving."""
    follower = cast("Follower", SimpleNamespace(current=serving, problem=None))
    return Decider(follower, Embedded(), at.log, metrics or Metrics(CollectorRegistry()))


def rank(decider: Decider, body: dict[str, Any]) -> dict[str, Any]:
    return dict(orjson.loads(asyncio.run(decider.rank(orjson.dumps(body)))))


def refusal(at: Desk, body: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        at.rank(body)
    assert at.records() == []  # what is refused is not on record
    return caught.value


def test_an_answer_is_on_record_before_it_leaves(at: Desk) -> None:
    """With who asked, what was asked, what served, and what was answered."""
    asked = BODY | {"request_id": "r-1", "time": 1.77e9, "attributes": {"country": "US"}, "top_k": 3}
    answer = at.rank(asked)
    [record] = at.records()
    assert (record.request_id, record.time, record.unit) == ("r-1", 1.77e9, "u")
    assert (record.context, record.attributes) == ({"hour": 20}, {"country": "US"})
    assert (record.epoch, record.model) == (1, "small/1")
    assert record.snapshot == at.serving.catalogue.snapshot
    assert record.candidates == ITEMS
    assert answer["items"] == [ITEMS[place] for place in record.slate]
    assert len(answer["items"]) == record.top_k == 3
    assert answer["scores"] == record.scores == sorted(answer["scores"], reverse=True)
    assert answer["propensities"] == [1.0] * 3
    assert (answer["explored"], answer["fallback"], answer["unknown"]) == (False, None, [])
    assert answer["problems"] == []


def test_an_answer_says_what_its_client_should_know(at: Desk) -> None:
    """As long as it is so."""
    decider = over(at, at.serving)
    decider.problems = ("delay out of range: up to 7 answers may be in another order",)
    assert rank(decider, BODY)["problems"] == [*decider.problems]
    decider.problems = ()
    assert rank(decider, BODY)["problems"] == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("tier", "3", "number"), ("tier", True, "number"), ("code", 3, "string"), ("new", "true", "boolean"),
     ("new", 1, "boolean")],
)  # fmt: skip
def test_attributes_are_of_the_kind_that_is_declared(at: Desk, name: str, value: object, kind: str) -> None:
    """422 with field, value and rule; null is absent, and what isn't declared may be anything."""
    declared = {"tier": "number", "code": "string", "new": "boolean"}
    live = at.serving.live.model_copy(update={"attributes": declared})
    decider = over(at, replace(at.serving, live=live, plan=compile_plan(live)))
    with pytest.raises(Problem) as caught:
        rank(decider, BODY | {"attributes": {name: value}})
    assert caught.value.status == 422
    assert (
        caught.value.detail
        == f"attributes.{name}: {value!r}: must be a {kind}, as live.yaml declares, or null"
    )
    right: dict[str, object] = {"tier": 3, "code": "3", "new": True}
    for fine in (right, {name: None}, {"other": value}):
        rank(decider, BODY | {"attributes": fine})


def test_a_request_without_id_gets_one(at: Desk) -> None:
    """Of 128 random bits, the same in answer and record."""
    answers = at.rank_all([BODY, BODY])
    ids = [answer["request_id"] for answer in answers]
    assert ids == [record.request_id for record in at.records()]
    assert len(set(ids)) == 2
    assert {len(bytes.fromhex(each)) for each in ids} == {16}


def test_nothing_is_answered_before_something_serves(at: Desk) -> None:
    """503 with the reason, and when to come back."""
    follower = cast("Follower", SimpleNamespace(current=None, problem="nothing has been promoted"))
    decider = Decider(follower, Embedded(), at.log, Metrics(CollectorRegistry()))
    with pytest.raises(Problem, match=r"^not ready: nothing has been promoted$") as caught:
        rank(decider, BODY)
    assert (caught.value.status, caught.value.headers) == (503, RETRY_AFTER)


def test_a_context_that_breaks_a_rule_is_refused(at: Desk) -> None:
    """By the name that the client wrote."""
    problem = refusal(at, BODY | {"context": {"hour": "late"}})
    assert (problem.status, problem.field, problem.value) == (422, "context.hour", "late")
    assert problem.rule is not None
    assert problem.rule in problem.detail


def test_an_overload_is_refused(two_versions: Home, tmp_path: Path) -> None:
    """429, and when to come back."""
    at = desk(two_versions, tmp_path, "", scoring=Raising(Overloaded("300 wait: the limit is 256")))
    problem = refusal(at, BODY)
    assert (problem.status, problem.headers) == (429, RETRY_AFTER)
    assert problem.detail == "overloaded: 300 wait: the limit is 256"


def test_what_can_not_be_recorded_is_not_answered(at: Desk, tmp_path: Path) -> None:
    """503 while the log can't be written, and the failure counts."""
    registry = CollectorRegistry()
    follower = cast("Follower", SimpleNamespace(current=at.serving, problem=None))
    (tmp_path / "file").write_text("")
    log = SegmentWriter(tmp_path / "file" / "log", "w0")
    decider = Decider(follower, Embedded(), log, Metrics(registry))
    with pytest.raises(Problem, match="nothing is answered that is not on record") as caught:
        rank(decider, BODY)
    assert (caught.value.status, caught.value.headers) == (503, RETRY_AFTER)
    assert registry.get_sample_value("ballast_log_failures_total", {"record": "decision"}) == 1
    assert registry.get_sample_value("ballast_rank_seconds_count") == 0


def test_without_scores_the_order_is_as_given(two_versions: Home, tmp_path: Path) -> None:
    """Unknown items last; the reason is on record and in the answer."""
    at = desk(two_versions, tmp_path, "", scoring=Raising(ScoringFailed("catalogue unavailable: gone")))
    answer = at.rank(BODY | {"candidates": ["nowhere", *ITEMS]})
    assert answer["items"] == [*ITEMS, "nowhere"]
    assert answer["unknown"] == ["nowhere"]
    assert answer["scores"] == [None] * 9
    assert answer["fallback"] == "catalogue unavailable: gone"
    [record] = at.records()
    assert record.fallback == answer["fallback"]
    assert record.scores == [None] * 9


def test_scores_that_are_not_believable_are_not_served(at: Desk) -> None:
    """The order is as given, and the kind of fault counts."""
    registry = CollectorRegistry()
    champion = replace(at.serving.champion, believable=ScoreRange(1e6, 2e6))
    serving = replace(at.serving, versions={"@champion": champion})
    answer = rank(over(at, serving, Metrics(registry)), BODY)
    assert answer["items"] == ITEMS
    assert answer["fallback"].startswith("scores out of range: 8 of 8 scores")
    labels = {"model": "small/1", "kind": "scores out of range"}
    assert registry.get_sample_value("ballast_unsound_scores_total", labels) == 1


def test_an_arm_whose_version_is_not_served_is_answered_by_the_champion(
    two_versions: Home, tmp_path: Path
) -> None:
    """With its scores, and the reason why it is not the arm's version."""
    at = desk(two_versions, tmp_path, TRY)
    answers = at.rank_all([BODY | {"unit": f"u-{number}"} for number in range(40)])
    arms = {answer["arms"]["try"]: answer for answer in answers}
    assert arms["a"]["fallback"] is None
    assert arms["b"]["fallback"] == "arm unavailable: 7 is not served, so the champion answers"
    assert arms["b"]["model"] == "small/1"
    assert arms["b"]["scores"] == arms["a"]["scores"]


@pytest.mark.parametrize("how", ["price", "-price"])
def test_a_stopped_version_answers_in_the_declared_order(at: Desk, how: str) -> None:
    """By the feature, highest or lowest first, without scoring."""
    own = msgspec.structs.replace(at.serving.state, stopped={"1": "upside down"}, fallback=how)
    answer = rank(over(at, without_stopped(at.serving, own)), BODY)
    catalogue = at.serving.catalogue
    price = catalogue.numeric[catalogue.numeric_names.index("price")]
    prices = [float(price[catalogue.rows([item])[0]]) for item in answer["items"]]
    assert prices == sorted(prices, reverse=how == "price")
    assert answer["fallback"] == "stopped by the guard: upside down"
    assert answer["scores"] == [None] * 8


def test_an_order_that_can_not_be_had_is_as_given_and_says_so(at: Desk) -> None:
    """The declared feature is none of the catalogue."""
    own = msgspec.structs.replace(at.serving.state, stopped={"1": "upside down"}, fallback="-weight")
    answer = rank(over(at, without_stopped(at.serving, own)), BODY)
    assert answer["items"] == ITEMS
    assert answer["fallback"] == (
        "stopped by the guard: upside down; as given, not by -weight: "
        f"catalogue {at.serving.catalogue.snapshot} has no weight"
    )


def test_without_a_catalogue_nobody_is_unknown(at: Desk) -> None:
    """Nothing can say who is."""
    answer = rank(
        over(at, without_catalogue(at.serving, "somebody writes")), BODY | {"candidates": ["a", "b"]}
    )
    assert (answer["items"], answer["unknown"]) == (["a", "b"], [])
    assert answer["fallback"] == "stopped by the guard: somebody writes"


def test_an_answer_counts(two_versions: Home, tmp_path: Path) -> None:
    """Its version, its arms, its candidates and those that are unknown."""
    at = desk(two_versions, tmp_path, TRY)
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    decider = over(at, at.serving, metrics)
    variant = rank(decider, BODY | {"candidates": ["nowhere", *ITEMS]})["arms"]["try"]
    fallback = "arm unavailable" if variant == "b" else "none"
    found = {
        sample.name: sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name
        in {"ballast_requests_total", "ballast_unknown_candidates_total", "ballast_candidates_sum"}
        and sample.labels.get("fallback", fallback) in {fallback, ""}
    }
    assert found == {
        "ballast_requests_total": 1,
        "ballast_unknown_candidates_total": 1,
        "ballast_candidates_sum": 9,
    }
    metrics.settle()
    labels = {"experiment": "try", "variant": variant, "model": "small/1"}
    assert registry.get_sample_value("ballast_arms_total", labels) == 1
    assert registry.get_sample_value("ballast_rank_seconds_count") == 1
