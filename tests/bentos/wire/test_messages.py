"""Bodies become requests or problems that name field, value and rule."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.wire.messages import (
    MAX_CANDIDATES,
    Feedback,
    RankRequest,
    RankRequestOfIntegers,
    decode,
    event_time,
    rank_request,
)
from bentos.wire.problems import Problem
from models.catalogue.catalogue import Catalogue, write_catalogue


def _catalogue(ids: list[str] | list[int]) -> Catalogue:
    with TemporaryDirectory() as folder:  # what is mapped stays readable
        name = write_catalogue(Path(folder), ids, {"one": np.zeros(len(ids), np.float32)}, {}, 1.0)
        return Catalogue.open(Path(folder) / name)


TEXTS, INTEGERS = _catalogue(["0", "1", "x"]), _catalogue([1, 2, 3])


REFUSED = [
    (b"", 400, None, "not JSON"),
    (b"{", 400, None, "not JSON"),
    (b'{"unit":"\xff","candidates":["x"]}', 400, None, "not UTF-8"),
    (b"[" * 200_000, 400, None, "too deeply"),
    (b'{"unit":"a","candidates":' + b"[" * 1000 + b"]" * 1000 + b"}", 400, None, "too deeply"),
    (b'{"unit":"a","candidates":["x"],"what":' + b"[" * 5000 + b"]" * 5000 + b"}", 400, None, "too deeply"),
    (b'{"unit":"a","candidates":["x"],"context":{"a":NaN}}', 400, None, "not JSON"),
    (b'{"unit":"a","candidates":["x"],"context":{"b":1,"a":1e999}}', 422, "context.a", "out of range"),
    (b'{"unit":"a","candidates":["x"],"context":{"a":[1]}}', 422, "context.a", "Expected"),
    (b"[1]", 422, "body", "object"),
    (b'{"candidates":["x"]}', 422, "unit", "required"),
    (b'{"unit":"a"}', 422, "candidates", "required"),
    (b'{"unit":5,"candidates":["x"]}', 422, "unit", "`str`"),
    (b'{"unit":null,"candidates":["x"]}', 422, "unit", "`str`"),
    (b'{"unit":{"viewer":1},"candidates":["x"]}', 422, "unit", "`str`"),
    (b'{"unit":"","candidates":["x"]}', 422, "unit", "length >= 1"),
    (b'{"unit":"a","candidates":[]}', 422, "candidates", "at least one"),
    (b'{"unit":"a","candidates":"x"}', 422, "candidates", "`array`"),
    (b'{"unit":"a","candidates":["x",5]}', 422, "candidates[1]", "`str`"),
    (b'{"unit":"a","candidates":["x","y","x"]}', 422, "candidates[2]", "each candidate once"),
    (b'{"unit":"a","candidates":["x"],"top_k":0}', 422, "top_k", ">= 1"),
    (b'{"unit":"a","candidates":["x"],"top_k":true}', 422, "top_k", "got `bool`"),
    (b'{"unit":"a","candidates":["x"],"candidate":1}', 422, "candidate", "a field that exists"),
]


@pytest.mark.parametrize(("body", "status", "field", "rule"), REFUSED)
def test_a_bad_body_is_refused_by_field_and_rule(
    body: bytes, status: int, field: str | None, rule: str
) -> None:
    """Each kind of bad body has its status, its field and its rule."""
    with pytest.raises(Problem) as caught:
        rank_request(body, TEXTS)
    assert caught.value.status == status
    assert caught.value.field == field
    assert rule in caught.value.detail
    assert len(caught.value.body()) < 1000


def test_candidates_up_to_the_limit_and_not_one_more() -> None:
    """The limit itself is allowed."""
    ids = [str(number) for number in range(MAX_CANDIDATES + 1)]
    body = {"unit": "a", "candidates": ids[:-1]}
    assert len(rank_request(json.dumps(body).encode(), TEXTS).candidates) == MAX_CANDIDATES
    twice = [*ids[:1000], "777"]
    with pytest.raises(Problem, match=r"candidates\[1000\]: '777': each candidate once"):
        rank_request(json.dumps(body | {"candidates": twice}).encode(), TEXTS)
    with pytest.raises(Problem, match="at most 5000 candidates"):
        rank_request(json.dumps(body | {"candidates": ids}).encode(), TEXTS)


def test_ids_are_of_the_catalogues_type() -> None:
    """A catalogue of integers takes integers."""
    request = rank_request(b'{"unit":"a","candidates":[1,2]}', INTEGERS)
    assert request.candidates == [1, 2]
    with pytest.raises(Problem, match=r"candidates\[1\]: '2'"):
        rank_request(b'{"unit":"a","candidates":[1,"2"]}', INTEGERS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda deep: st.lists(deep) | st.dictionaries(st.text(), deep),
        max_leaves=20,
    )
)
def test_any_document_is_a_request_or_a_problem(document: object) -> None:
    """Nothing that a client can send raises anything else."""
    refused: list[Problem] = []
    for body in (
        json.dumps(document),
        json.dumps({"unit": "a", "candidates": document, "context": document}),
    ):
        try:
            assert isinstance(rank_request(body.encode("utf-8", "surrogatepass"), TEXTS), RankRequest)
        except Problem as problem:
            refused.append(problem)
    assert {problem.status for problem in refused} <= {400, 422}
    assert all(json.loads(problem.body())["detail"] for problem in refused)


@given(st.binary(max_size=300))
def test_junk_is_a_problem(junk: bytes) -> None:
    """Bytes that are no feedback are refused."""
    with pytest.raises(Problem):
        decode(junk, Feedback)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, 7.0), (5, 5.0), ("1970-01-01T00:01:00", 60.0), ("1970-01-01T01:00:00+01:00", 0.0)],
)
def test_event_times(value: str | int | None, seconds: float) -> None:
    """ISO 8601 is UTC unless it says otherwise; nothing means now."""
    assert event_time(value, 7.0) == seconds


@pytest.mark.parametrize("value", ["yesterday", -1, 1e300])
def test_event_times_that_are_none(value: str | float) -> None:
    """What is no time is refused with its rule."""
    with pytest.raises(Problem, match="time: "):
        event_time(value, 0.0)


HUGE = (
    st.integers(2**63, 10**700)
    | st.integers(-(10**700), -(2**63) - 1)
    | st.sampled_from([2**63, 10**30, 10**4200])
)
PLACES = [
    (RankRequest, '{"unit":"u","candidates":["x"],"context":{"a":1,"n":%s}}', "context.n"),
    (RankRequest, '{"unit":"u","candidates":["x"],"attributes":{"n":%s}}', "attributes.n"),
    (RankRequest, '{"unit":"u","candidates":["x"],"time":%s}', "time"),
    (RankRequest, '{"unit":"u","candidates":["x"],"top_k":%s}', "top_k"),
    (RankRequestOfIntegers, '{"unit":"u","candidates":[1,%s]}', "candidates[1]"),
    (Feedback, '{"request_id":"r","outcomes":[{"item":%s,"value":1}]}', "outcomes[0].item"),
    (Feedback, '{"request_id":"r","outcomes":[{"item":1,"value":1}],"time":%s}', "time"),
]


@pytest.mark.parametrize(("kind", "body", "field"), PLACES)
@given(number=HUGE)
def test_whole_numbers_of_any_size_are_taken_or_refused_by_name(
    kind: type, body: str, field: str, number: int
) -> None:
    """Beyond 64 bits none is taken; each refusal names the field and the rule, and is short."""
    with pytest.raises(Problem) as caught:
        decode((body % _digits(number)).encode(), kind)
    assert (caught.value.status, caught.value.field) == (422, field)
    assert len(caught.value.body()) < 1000


@pytest.mark.parametrize("kind", [TEXTS, INTEGERS])
@given(numbers=st.lists(st.integers(-(10**40), 10**40), min_size=1, max_size=200, unique=True))
def test_candidates_of_any_size_are_taken_or_refused(kind: Catalogue, numbers: list[int]) -> None:
    """Short bodies and long ones, whose ids are sliced, have the same rule."""
    body = json.dumps({"unit": "u" * 256, "candidates": numbers}).encode()
    fits = all(-(2**63) <= each < 2**63 for each in numbers)
    if kind is INTEGERS and fits:
        assert [int(each) for each in rank_request(body, kind).candidates] == numbers
    else:
        with pytest.raises(Problem) as caught:
            rank_request(body, kind)
        assert caught.value.status == 422


def _digits(number: int) -> str:
    """Of a whole number, however many: Python itself writes at most 4,300."""
    return str(number) if abs(number) < 10**4000 else "1" + "0" * 4500


@pytest.mark.parametrize(
    "value",
    [
        *("0001-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00+23:59", "1969-12-31T23:59:59"),
        *("9999-12-31T23:59:59-23:59", -1, 1e300, 1_000_000_000.0 + 3601),
    ],
)
def test_times_out_of_the_world_are_refused(value: str | float) -> None:
    """One such record would move windows that are counted from the last one."""
    with pytest.raises(Problem) as caught:
        event_time(value, 1_000_000_000.0)
    assert (caught.value.status, caught.value.field) == (422, "time")


def test_a_client_s_clock_may_be_ahead() -> None:
    assert event_time(1_000_000_000 + 3599, 1_000_000_000.0) == 1_000_003_599.0
    assert event_time(0, 1_000_000_000.0) == 0.0


@pytest.mark.parametrize(
    ("value", "first", "taken"),
    [
        ("2013-01-01T00:00:00", 1_356_998_400.0, True),  # a replay, from the table's first moment on
        ("2012-12-31T23:59:59", 1_356_998_400.0, False),
        (1_700_000_000 - 365 * 86400, 1_699_999_999.0, True),  # a late batch, of a table that is young
        (1_700_000_000 - 367 * 86400, 1_699_999_999.0, False),
        (0, None, True),  # of a package that does not tell
    ],
)
def test_times_begin_where_the_table_does_or_a_year_ago(
    value: str | float, first: float | None, taken: bool
) -> None:
    """Replays need no setting; what is earlier is refused with its rule."""
    now = 1_700_000_000.0
    if taken:
        assert event_time(value, now, first) >= 0
        return
    with pytest.raises(Problem) as caught:
        event_time(value, now, first)
    assert (caught.value.status, caught.value.field, caught.value.value) == (422, "time", value)
    assert re.fullmatch(
        r"from 201\d-\S+\+00:00 \(where .* begins, or a year ago\) until an hour from now|from 2022.*",
        str(caught.value.rule),
    )
