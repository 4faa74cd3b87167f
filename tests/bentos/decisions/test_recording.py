"""The record of a decision: what a reduced record keeps, and what it says about the rest."""

from __future__ import annotations

import msgspec
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.decisions.recording import (
    WholeRecord,
    _picked,
    digest_of,
    reduced_record,
)
from experiments.config.live import Record
from models.catalogue.idspans import IdSpans
from monitoring.log.record import Decision, decode, encode, encode_propensities, numbers_json
from tests.monitoring.records import decision

N = 40


def _written(**changes: object) -> WholeRecord:
    scores, propensities = np.linspace(2.0, -2.0, N), np.full(N, 0.99)
    slate = np.random.default_rng(0).permutation(N)
    fields = {
        "slate": slate,
        "scores": numbers_json(scores),
        "propensities": encode_propensities(propensities),
        **changes,
    }
    return WholeRecord(decision("r1", N, **fields), scores, propensities)


def _kept(written: WholeRecord, keep: Record, candidates: list[str] | IdSpans) -> Decision:
    return decode(encode(reduced_record(written, keep, candidates)))


@pytest.mark.parametrize("sliced", [False, True])
def test_a_digest_stands_for_the_candidates_that_were_not_kept(sliced: bool) -> None:
    """The kept positions are those of the whole record; anyone who has the request can check the digest."""
    written = _written()
    whole, ids = decode(encode(written.record)), [f"item-{k}" for k in range(N)]
    raw = orjson.dumps(ids).replace(b",", b", ")
    candidates = IdSpans.of(raw, N, integers=False) if sliced else ids
    assert candidates is not None
    found = _kept(written, Record(depth=7, candidates="digest"), candidates)
    assert [found.candidates[k] for k in found.slate] == [whole.candidates[k] for k in whole.slate[:7]]
    assert (found.scores, found.propensities) == (whole.scores[:7], whole.propensities[:7])
    assert (found.offered, found.digest) == (N, digest_of(ids))
    assert len(encode(found)) < len(encode(whole)) / 2


def test_all_candidates_can_be_kept_with_a_short_slate() -> None:
    found = _kept(_written(), Record(depth=7), [f"item-{k}" for k in range(N)])
    assert (len(found.candidates), len(found.slate), len(found.scores)) == (N, 7, 7)
    assert (found.offered, found.digest) == (None, None)


def test_teams_are_cut_with_the_slate() -> None:
    team = np.arange(N).astype(np.int8) % 2
    assert _kept(_written(team=team), Record(depth=3), []).team == [0, 1, 0]


def test_explored_answers_and_a_declared_share_stay_whole() -> None:
    keep = Record(depth=2, candidates="digest", whole=0.2)
    explored = _written(explored=True)
    assert reduced_record(explored, keep, []) is explored.record
    written, whole = _written(), 0
    for number in range(2000):
        record = msgspec.structs.replace(written.record, request_id=f"request-{number}")
        candidates = [f"item-{k}" for k in range(N)]
        whole += reduced_record(written._replace(record=record), keep, candidates).digest is None
    assert abs(whole / 2000 - 0.2) < 4 * (0.2 * 0.8 / 2000) ** 0.5


def test_a_slate_shorter_than_the_depth_is_kept() -> None:
    found = _kept(_written(), Record(depth=1000, candidates="digest"), [f"item-{k}" for k in range(N)])
    assert len(found.slate) == len(found.candidates) == N


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200, unique=True))
def test_items_are_picked_by_place(candidates: list[int]) -> None:
    """For few and for many, from a list and from slices of a request."""
    places = np.random.default_rng(len(candidates)).permutation(len(candidates))
    wanted = [candidates[place] for place in places]
    assert _picked(candidates, places) == wanted
    spans = IdSpans.of(orjson.dumps(candidates), 200, integers=True)
    assert spans is not None
    assert orjson.loads(orjson.dumps(_picked(spans, places))) == wanted
