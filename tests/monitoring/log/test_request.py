"""One request is found by its id wherever its records are: live, closed or compacted."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.log import request
from monitoring.log.compact import Policy, compact
from monitoring.log.record import Outcome, encode, encode_outcomes
from monitoring.log.request import NoSuchRequestError, read_request
from monitoring.log.segments import SegmentWriter
from tests.monitoring.records import decision

AT_ONCE = Policy(keep_segments=0, least_bytes=0, wait=0)
IDS = ["r1", 'quo"te', "ä𝄞", "back\\slash"]


def outcome(request_id: str, item: str | int, value: float, time: float) -> Outcome:
    return Outcome(request_id=request_id, item=item, value=value, time=time, received=time)


def written(root: Path, close: bool) -> None:
    decisions, outcomes = (SegmentWriter(root / kind, "w0") for kind in ("decisions", "outcomes"))
    for each in IDS:
        decisions.append(encode(decision(each, 3, received=5.0)))
        decisions.append(encode(decision(each, 4, received=9.0)))
        items = [f"item-{place}" for place in range(2)]
        outcomes.append(encode_outcomes(outcome(each, item, 2.0, 60.0) for item in items))
        outcomes.append(encode_outcomes([outcome(each, "item-0", 1.0, 20.0)]))
        outcomes.append(encode_outcomes([outcome(each + "0", "item-0", 7.0, 20.0)]))
    if close:
        decisions.close()
        outcomes.close()


@pytest.mark.parametrize("state", ["live", "closed", "compacted"])
@pytest.mark.parametrize("request_id", IDS)
def test_the_last_decision_and_all_outcomes_are_found(tmp_path: Path, state: str, request_id: str) -> None:
    """A decision as it was written, its outcomes in order of time, and nothing of another id."""
    written(tmp_path, close=state != "live")
    before = read_request(tmp_path, request_id)
    if state == "compacted":
        compact(tmp_path, AT_ONCE)
        assert not list(tmp_path.glob("*/*.jsonl")), "all of it is Parquet now"
    found = read_request(tmp_path, request_id)
    assert found == before
    assert (found.decision.received, len(found.decision.candidates), found.decisions) == (9.0, 4, 2)
    assert [(each.item, each.value) for each in found.outcomes] == [
        ("item-0", 1.0), ("item-0", 2.0), ("item-1", 2.0),
    ]  # fmt: skip


def test_an_unknown_id_is_a_sentence(tmp_path: Path) -> None:
    """Also where there is no log yet, and for what JSON can't hold."""
    with pytest.raises(NoSuchRequestError, match=r"'r9': the log has no decision of that id"):
        read_request(tmp_path, "r9")
    written(tmp_path, close=True)
    for unknown in ("r9", "r", "half a \udcff"):
        with pytest.raises(NoSuchRequestError):
            read_request(tmp_path, unknown)


def test_lines_are_found_over_the_edges_of_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read in pieces; a torn last line is none."""
    written(tmp_path, close=True)
    whole = read_request(tmp_path, "r1")
    (path,) = (tmp_path / "outcomes").glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"request_id":"r1","v":1,"item":"item-0","val')
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(request, "_CHUNK", size)
        assert read_request(tmp_path, "r1") == whole
