"""Feedback: outcomes follow their decision, and only candidates of it have any."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bentos.http.feedback import FeedbackEndpoint
from bentos.wire.problems import RETRY_AFTER, Problem
from models.serving.table_reach import NOTHING_KNOWN, TableReach
from monitoring.log.index import DecisionIndex
from monitoring.log.segments import SegmentWriter
from monitoring.metrics import Metrics
from tests.monitoring.records import decision, write_decisions


class Service:
    """The endpoint over two decisions: `whole` has all its candidates, `cut` only those it served."""

    def __init__(self, folder: Path, outcomes: Path | None = None, reach: TableReach = NOTHING_KNOWN) -> None:
        cut = decision("cut", 2, offered=9, digest="0" * 32)
        write_decisions(folder, decision("whole", 3), cut)
        self.folder = folder
        self.registry = CollectorRegistry()
        log = SegmentWriter(outcomes or folder / "outcomes", "w0")
        index = DecisionIndex(folder / "decisions")
        self._endpoint = FeedbackEndpoint(index, log, Metrics(self.registry), lambda: reach)

    def take(self, request_id: str = "whole", items: tuple[str, ...] = ("item-0",), **more: Any) -> Any:
        outcomes = [{"item": item, "value": place + 0.5} for place, item in enumerate(items)]
        body = {"request_id": request_id, "outcomes": outcomes, **more}
        return self.send(body)

    def send(self, body: dict[str, Any]) -> Any:
        return json.loads(asyncio.run(self._endpoint.take(json.dumps(body).encode())))

    def refusal(self, *arguments: Any, **more: Any) -> Problem:
        with pytest.raises(Problem) as caught:
            self.take(*arguments, **more)
        assert self.lines() == []
        return caught.value

    def lines(self) -> list[dict[str, Any]]:
        files = (self.folder / "outcomes").glob("*.jsonl")
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_outcomes_are_appended(service: Service) -> None:
    """One line each, with the event's time and the moment of arrival; sent twice they are written twice."""
    for _ in range(2):
        answer = service.take(items=("item-2", "item-0"), time=1200)
        assert answer == {"request_id": "whole", "accepted": 2}
    lines = service.lines()
    assert [(each["item"], each["value"], each["time"]) for each in lines] == [
        ("item-2", 0.5, 1200.0),
        ("item-0", 1.5, 1200.0),
    ] * 2
    assert {each["request_id"] for each in lines} == {"whole"}
    assert all(each["received"] > 1e9 for each in lines)
    assert service.registry.get_sample_value("ballast_feedback_total") == 2
    assert service.registry.get_sample_value("ballast_outcomes_total") == 4


def test_without_a_time_it_is_now(service: Service) -> None:
    """The moment of arrival."""
    service.take()
    [line] = service.lines()
    assert line["time"] == line["received"]


def test_feedback_follows_its_decision(service: Service) -> None:
    """404 for a request that the log does not have."""
    problem = service.refusal("never")
    assert (problem.status, problem.field, problem.value) == (404, "request_id", "never")
    assert problem.detail == "request_id: 'never': feedback follows its decision, and the log has none"


@pytest.mark.parametrize(
    ("items", "field", "rule"),
    [
        (("item-0", "nobody"), "outcomes[1].item", "a candidate of that request, as it was sent"),
        (("item-0", "item-1", "item-0"), "outcomes[2].item", "each item once"),
    ],
)
def test_only_candidates_have_outcomes(
    service: Service, items: tuple[str, ...], field: str, rule: str
) -> None:
    """And each one; nothing of a refused feedback is recorded."""
    problem = service.refusal("whole", items)
    assert (problem.status, problem.field, problem.rule) == (422, field, rule)


def test_a_reduced_record_does_not_know_its_candidates(service: Service) -> None:
    """Any item may have been one; but each has one outcome."""
    assert service.take("cut", ("item-0", "somebody"))["accepted"] == 2
    with pytest.raises(Problem, match="each item once"):
        service.take("cut", ("somebody", "somebody"))


def test_what_can_not_be_recorded_is_not_accepted(tmp_path: Path) -> None:
    """503, and when to come back; it counts."""
    (tmp_path / "file").write_text("")
    service = Service(tmp_path, tmp_path / "file" / "outcomes")
    with pytest.raises(Problem, match=r"^outcome log: ") as caught:
        service.take()
    assert (caught.value.status, caught.value.headers) == (503, RETRY_AFTER)
    assert service.registry.get_sample_value("ballast_log_failures_total", {"record": "outcome"}) == 1
    assert service.registry.get_sample_value("ballast_feedback_total") == 0


def test_an_id_that_was_used_twice_has_the_items_of_both(service: Service) -> None:
    """The first answer's client may tell what came of it; other items are still refused."""
    again = decision("whole", 2, candidates=["other-0", "other-1"], received=2000.0)
    write_decisions(service.folder, again)
    assert service.take(items=("item-2", "other-1"))["accepted"] == 2
    with pytest.raises(Problem) as caught:
        service.take(items=("nobody",))
    assert (caught.value.status, caught.value.field) == (422, "outcomes[0].item")


def test_an_outcome_does_not_come_before_its_decision(service: Service) -> None:
    """But for a clock that is an hour ahead of another."""
    made = decision("whole", 3).time
    late = decision("late", 1, time=made + 1e6)
    write_decisions(service.folder, late)
    found = service.refusal("late", time=made + 1e6 - 3601)
    assert (found.status, found.field) == (422, "time")
    assert service.take("late", time=made + 1e6 - 3599)["accepted"] == 1


@pytest.mark.parametrize("value", [-5.0, 1e308, 4.5])
def test_outcomes_that_can_not_be_meant_are_refused_and_counted(tmp_path: Path, value: float) -> None:
    """Where labels are grades from 0 to 4."""
    service = Service(tmp_path, reach=TableReach(None, (0.0, 4.0)))
    body = {"request_id": "whole", "outcomes": [{"item": "item-0", "value": value}]}
    with pytest.raises(Problem) as caught:
        service.send(body)
    assert (caught.value.status, caught.value.field, caught.value.value) == (422, "outcomes[0].value", value)
    assert caught.value.rule is not None
    assert caught.value.rule.startswith("from 0 to 4, as the labels of training say")
    assert service.lines() == []
    assert service.registry.get_sample_value("ballast_outcomes_refused_total", {"field": "value"}) == 1
    assert service.send({**body, "outcomes": [{"item": "item-0", "value": 4.0}]})["accepted"] == 1


def test_an_id_that_was_used_twice_may_be_told_of_from_the_first_on(service: Service) -> None:
    """The later decision of another client does not make feedback for the first one early."""
    made = decision("whole", 3).time
    write_decisions(service.folder, decision("whole", 2, time=made + 1e6, received=2000.0))
    assert service.take(items=("item-2",), time=made + 60)["accepted"] == 1
