"""Scores come out again to the last bit, and contributions add up to them."""

from __future__ import annotations

import msgspec
import numpy as np

from bentos.home.state import Home
from bentos.offline.explanation.scored import explained_items, worked_out
from monitoring.log.record import Decision
from monitoring.log.request import read_request


def test_every_score_comes_out_again(told: Home, record: Decision) -> None:
    """And each is the base with what its features add, the most first."""
    found = read_request(told.log, record.request_id)
    worked = worked_out(told, record)
    assert worked.proof.same is True
    items = explained_items(told, found, worked, range(len(record.slate)))
    assert [each.again for each in items] == [each.score for each in items] == list(record.scores)
    for each in items:
        assert each.base is not None
        assert each.score is not None
        assert np.isclose(each.base + sum(part.adds for part in each.contributions), each.score, atol=1e-9)
        sizes = [abs(part.adds) for part in each.contributions]
        assert sizes == sorted(sizes, reverse=True)


def test_another_version_is_not_taken_for_the_one_that_served(told: Home, record: Decision) -> None:
    worked = worked_out(told, msgspec.structs.replace(record, model="small/2"))
    assert worked.proof.same is False
    assert "other scores come out" in worked.proof.sentence


def test_an_answer_without_scores_says_why_it_has_none(told: Home, record: Decision) -> None:
    """The fallback order is nobody's order by scores."""
    nothing = [None] * len(record.scores)
    worked = worked_out(told, msgspec.structs.replace(record, scores=nothing, fallback="it is stopped"))
    assert (worked.own, worked.proof.same) == (None, None)
    assert "it is stopped" in worked.proof.sentence


def test_what_came_of_an_item_stands_beside_it(told: Home, record: Decision) -> None:
    """Every outcome with its time, in their order; an unknown item has no place by score."""
    found = read_request(told.log, record.request_id)
    told_of = found.outcomes
    items = explained_items(told, found, worked_out(told, record), range(len(record.slate)))
    assert sum(len(each.outcomes) for each in items) == len(told_of)
    longer = msgspec.structs.replace(
        record,
        candidates=[*record.candidates, "nowhere"],
        slate=[*record.slate, len(record.candidates)],
        scores=[*record.scores, None],
        propensities=[*record.propensities, 1.0],
    )
    worked = worked_out(told, longer)
    last = explained_items(told, found._replace(decision=longer), worked, [len(record.slate)])[0]
    assert (last.item, last.by_score, last.again, last.contributions) == ("nowhere", None, None, [])
    assert worked.proof.same is True
