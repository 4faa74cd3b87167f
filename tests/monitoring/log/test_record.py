"""The record's JSON is stable, exact, and refuses what it cannot mean."""

from __future__ import annotations

import json
import math

import duckdb
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.log.record import (
    PROPENSITIES_SQL,
    Outcome,
    RecordError,
    decode,
    decode_outcome,
    decode_propensities,
    encode,
    encode_outcomes,
    encode_propensities,
    numbers_json,
    request_id_of,
)
from tests.monitoring.records import decision, outcome

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scores = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20)


def test_the_keys_are_the_contract() -> None:
    """Analyses, other languages and old logs read these names in this order."""
    line = json.loads(encode(decision("r1")))
    assert list(line) == [
        *("request_id", "v", "time", "received", "unit", "context", "attributes", "arms", "experiments"),
        *("epoch", "model", "snapshot", "candidates", "slate", "scores", "propensities", "explored"),
        *("fallback", "top_k", "rankers", "team", "correction", "seconds", "offered", "digest"),
    ]
    assert list(line["arms"][0]) == [*("experiment", "variant", "model", "bucket", "salt", "forced", "same")]
    assert list(json.loads(encode(outcome("r1", 3, 1.0)))) == [
        *("request_id", "v", "item", "value", "time", "received")
    ]


@given(request_id=texts, unit=texts, values=scores, context=st.dictionaries(texts, texts | st.booleans()))
def test_what_is_written_is_read(
    request_id: str, unit: str, values: list[float], context: dict[str, object]
) -> None:
    """Every float to the last bit, every text to the last character, in one line."""
    n = len(values)
    record = decision(request_id, n, unit=unit, scores=np.array(values, dtype=np.float64), context=context)
    line = encode(record)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    back = decode(line)
    assert back.request_id == request_id == request_id_of(line)
    assert (back.unit, back.context, back.scores) == (unit, context, values)
    assert back.slate == list(range(n))[::-1]
    assert encode(back) == line


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.5, np.nan, np.inf]),
        np.array([9, 1.5, 9, np.nan, 9, -np.inf])[1::2],  # not contiguous
        [1.5, None, None],
    ],
    ids=["contiguous", "strided", "list"],
)
def test_scores_without_a_number_are_null(array: object) -> None:
    """JSON has neither NaN nor infinities; a reader in any language must not stumble."""
    assert json.loads(encode(decision("r", 3, scores=array)))["scores"] == [1.5, None, None]


@pytest.mark.parametrize("item", ["UA1545", 7, 0, 2**63 - 1, "7"])
def test_an_item_keeps_its_type(item: str | int) -> None:
    """7 and "7" are two items of two tables."""
    assert decode_outcome(encode(outcome("r", item, 1.0))).item == item
    assert decode(encode(decision("r", 1, candidates=[item]))).candidates == [item]


def test_a_feedback_is_one_line_per_outcome() -> None:
    """They are appended together, so that a feedback is in the log whole or not at all."""
    lines = encode_outcomes([outcome("r", "a", 1.0), outcome("r", "b", 0.0)]).splitlines()
    assert [decode_outcome(line).item for line in lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"request_id":"r9","v":2}', "request 'r9' has version 2; this Ballast reads versions up to 1"),
        (b'{"request_id":"r9","v":3,"item":"a"}', "has version 3"),
        (b'{"request_id":"r9","v":1}', "missing required field `time`"),
        (b'{"request_id":"r9', "not a record"),
        (b'{"request_id":"\xff"}', "not a record"),
        (b"", "not a record"),
        (b"[]", "not a record"),
    ],
)
def test_what_is_no_record_is_refused_with_the_rule(line: bytes, reason: str) -> None:
    """A newer version is told apart from a torn line: one needs another release, the other is lost."""
    with pytest.raises(RecordError, match=reason.replace("`", ".")):
        decode(line)


def test_a_newer_record_that_decodes_is_refused_too() -> None:
    """A raised version means that a field means something else, even if all types still fit."""
    newer = encode(outcome("r", "a", 1.0, v=2))
    with pytest.raises(RecordError, match="has version 2"):
        decode_outcome(newer)


def test_unknown_fields_of_the_same_version_are_passed_over() -> None:
    """A field with a default can be added without leaving old readers behind."""
    line = encode(outcome("r", "a", 1.0))[:-2] + b',"colour":"red"}\n'
    assert decode_outcome(line) == Outcome(request_id="r", item="a", value=1.0, time=1100.0, received=1100.0)


@pytest.mark.parametrize("value", [object(), 2**70, "\ud800", {1, 2}])
def test_a_value_without_json_form_is_refused_by_request(value: object) -> None:
    """An encoder that raises something else would take the server's answer with it."""
    with pytest.raises(RecordError, match="request 'r-17' has a value JSON cannot hold"):
        encode(decision("r-17", context={"x": value}))


def test_a_record_of_a_request_with_no_known_candidate() -> None:
    """Unknown candidates have null scores and certain positions."""
    record = decode(encode(decision("r", 2, scores=np.full(2, math.nan), propensities=np.ones(2))))
    assert record.scores == [None, None]
    assert record.propensities == [1.0, 1.0]


def test_one_propensity_stands_for_all() -> None:
    """Equal ones are written once, and read as a list; a slate of one has one anyway."""
    record = decision("r1", propensities=[0.99])
    assert decode(encode(record)).propensities == [0.99] * 3
    short = decision("r2", 1, propensities=[0.5])
    assert decode(encode(short)).propensities == [0.5]


@given(st.lists(st.floats() | st.sampled_from([1.0, 0.5]), min_size=1, max_size=60), st.booleans())
def test_propensities_are_one_or_all(values: list[float], same: bool) -> None:
    """However they are recorded, the answer has one for each item; NaN and infinities are null."""
    array = np.full(len(values), values[0]) if same else np.array(values)
    answered = orjson.loads(orjson.dumps(decode_propensities(encode_propensities(array), len(array))))
    assert answered == orjson.loads(orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY))


@given(st.lists(st.floats(0.001, 1) | st.none(), min_size=1, max_size=20), st.booleans())
def test_every_reader_sees_the_same_propensities(values: list[float | None], same: bool) -> None:
    """An answer, a decoded line and a row in DuckDB, of what one encoder wrote."""
    array = np.array([values[0]] * len(values) if same else values, np.float64)
    expected = [None if np.isnan(each) else each for each in array.tolist()]
    recorded = encode_propensities(array)
    assert orjson.loads(orjson.dumps(decode_propensities(recorded, len(array)))) == expected
    line = encode(decision("r1", len(array), propensities=recorded))
    assert decode(line).propensities == expected
    row = {name: json.loads(line)[name] for name in ("slate", "propensities")}
    recorded_row = "SELECT $slate::INTEGER[] AS slate, $propensities::DOUBLE[] AS propensities"
    found = duckdb.cursor().execute(f"SELECT {PROPENSITIES_SQL} FROM ({recorded_row})", row).fetchall()
    assert found == [(expected,)]


def test_equal_propensities_take_the_room_of_one() -> None:
    """A record of a thousand items grows by none of them."""
    assert encode_propensities(np.full(1000, 0.99)) == [0.99]
    assert isinstance(encode_propensities(np.array([0.5, 0.25])), orjson.Fragment)


def test_numbers_are_written_where_they_lie_scattered() -> None:
    """Also of an array that is not contiguous; what is no number is null."""
    assert (
        orjson.dumps(numbers_json(np.array([1.0, 9.0, math.nan, 9.0, math.inf])[::2])) == b"[1.0,null,null]"
    )
