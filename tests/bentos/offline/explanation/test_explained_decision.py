"""Why an order came about: told from the record, worked out again, and right."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from bentos.home.state import Home
from bentos.offline.explanation.explained_decision import SHOWN, explain
from bentos.offline.explanation.parts import NoSuchItemError
from monitoring.log.record import Decision
from monitoring.log.request import NoSuchRequestError
from tests.bentos.decisions.deciding import Desk


def test_an_answer_by_scores_is_in_their_order(told: Home, record: Decision) -> None:
    """The items as served, each at the place that its score gives it, with what came of it."""
    found = explain(told, record.request_id)
    assert [each.position for each in found.items] == [1, 2, 3, 4, 5]
    assert [each.by_score for each in found.items] == [1, 2, 3, 4, 5]
    assert [each.item for each in found.items] == [record.candidates[at] for at in record.slate[:SHOWN]]
    assert not found.explored
    assert (found.candidates, found.unknown, found.records) == (len(record.candidates), [], 1)


def test_an_explored_answer_says_so(told: Home, made: tuple[Home, Desk]) -> None:
    """With the share that was explored; places by score are those of no order that was drawn."""
    for record in [each for each in made[1].records() if each.explored][:20]:
        last = str(record.candidates[record.slate[-1]])
        found = explain(told, record.request_id, [last])
        assert (found.explored, found.exploration, found.proof.same) == (True, 0.4, True)
        assert [each.position for each in found.items] == [1, 2, 3, 4, 5, len(record.slate)]
        places = [each.by_score for each in found.items]
        if places != [1, 2, 3, 4, 5, len(record.slate)]:
            return
    pytest.fail("twenty orders drawn at random are those of the scores")


def test_what_is_gone_is_said(told: Home, record: Decision) -> None:
    """Without package, snapshot, live file and journal everything that the record has is still told."""
    for name in ("versions", "catalogue", "experiments"):
        shutil.rmtree(told.folder / name)
    (told.log / "steward.jsonl").unlink()
    found = explain(told, record.request_id)
    assert found.proof.same is None
    assert "can't be worked out again" in found.proof.sentence
    assert [arm.again for arm in found.arms] == [None]
    assert [each.score for each in found.items] == record.scores[:SHOWN]
    assert not any(each.contributions for each in found.items)
    assert (found.others, found.exploration) == ([], None)
    assert msgspec.json.decode(msgspec.json.encode(found))["request_id"] == record.request_id


def test_what_was_never_served_is_a_sentence(told: Home, record: Decision) -> None:
    """An id that the log lacks; an item that the answer lacks."""
    with pytest.raises(NoSuchRequestError, match="no-such"):
        explain(told, "no-such")
    with pytest.raises(NoSuchItemError, match="nowhere"):
        explain(told, record.request_id, ["nowhere"])
