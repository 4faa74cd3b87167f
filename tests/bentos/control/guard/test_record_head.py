"""What the guard reads of every record."""

from __future__ import annotations

import math

import pytest

from bentos.control.guard import record_head
from bentos.control.guard.record_head import whole
from monitoring.log.record import RecordError, encode
from tests.bentos.control.guard.examples import decision, head


def test_a_record_is_read_in_short_and_a_share_is_picked_by_id() -> None:
    """The same requests for every reader; what is no record, or newer, is refused."""
    rows = [head(decision(number)) for number in range(4000)]
    assert rows[0].version == "3"
    picked = {row.request_id for row in rows if row.sampled(0.02)}
    assert abs(len(picked) - 80) < 4 * math.sqrt(80)
    assert picked <= {row.request_id for row in rows if row.sampled(0.1)}
    for line in (b"{}", b"x", encode(decision()).replace(b'"v":1', b'"v":2')):
        with pytest.raises(RecordError):
            record_head.read(line)


def test_the_heads_of_a_record_are_its_fields() -> None:
    found = head(decision(7, fallback="scoring failed: x", seconds=0.25, explored=True, model="small/12"))
    assert (found.request_id, found.time, found.received, found.context) == (
        "r7",
        1007.0,
        5000.0,
        {"hour": 7},
    )
    assert (found.version, found.fallback, found.seconds, found.explored) == (
        "12",
        "scoring failed: x",
        0.25,
        True,
    )


def test_no_share_has_none_and_a_whole_share_all() -> None:
    rows = [head(decision(number)) for number in range(200)]
    assert not any(row.sampled(0.0) for row in rows)
    assert all(row.sampled(1.0) for row in rows)


def test_whole_records_are_decoded_and_what_is_none_left_out() -> None:
    """A head may be readable where the rest of its record is not."""
    good, bad = head(decision(1)), head(decision(2))
    bad.line = bad.line.replace(b'"slate":[2,0,1]', b'"slate":"none"')
    assert list(whole([bad, good, bad])) == [decision(1)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"small/3"', b'"small"', "not a record: version name 'small'"),
        (b'"time":1000.0', b'"time":"noon"', "not a record: "),
        (b'"v":1', b'"v":2', "the record of request 'r0' has version 2"),
    ],
)
def test_a_line_that_is_no_record_says_why(old: bytes, new: bytes, said: str) -> None:
    line = encode(decision())
    assert old in line
    with pytest.raises(RecordError, match=said):
        record_head.read(line.replace(old, new))
