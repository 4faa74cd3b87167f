"""The log's last decisions as a window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from models.gate import lately
from models.gate.lately import recent_window, served_columns
from monitoring.log.record import Decision, Outcome, encode
from monitoring.log.struck import StruckWindow, write
from tests.faults.shop import Shop
from tests.models.gate.subjects import subject


def decision(request_id: str, received: float = 0.0, **changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "request_id": request_id,
        "time": 0.0,
        "received": received,
        "unit": "u",
        "context": {"hour": 3},
        "attributes": {},
        "arms": [],
        "experiments": "",
        "epoch": 1,
        "model": "small/1",
        "snapshot": "s",
        "candidates": ["a", "b"],
        "slate": [1, 0],
        "scores": [2.0, 1.0],
        "propensities": [1.0, 1.0],
        "explored": False,
    }
    return encode(Decision(**(parts | changes)))


def told(request_id: str, item: str, value: float, time: float) -> bytes:
    return encode(Outcome(request_id=request_id, item=item, value=value, time=time, received=time))


def segment(root: Path, kind: str, number: int, *lines: bytes) -> None:
    """A segment of the log, older ones with lower numbers."""
    (root / kind).mkdir(parents=True, exist_ok=True)
    path = root / kind / f"{number}-1.jsonl"
    path.write_bytes(b"".join(lines))
    os.utime(path, (number, number))


def test_only_what_a_version_ordered_counts(tmp_path: Path) -> None:
    """Fallbacks, empty requests, reduced records and lines that are no record are left out."""
    segment(
        tmp_path,
        "decisions",
        1,
        decision("r1"),
        decision("r2", fallback="no model"),
        decision("r3", candidates=[], slate=[], scores=[], propensities=[]),
        decision("r4", digest="0" * 16, offered=9),
        b'{"request_id": "of a later release", "v": 99}\n',
        b'{"torn',
    )
    found = recent_window(tmp_path)
    assert found is not None
    assert (found.requests, found.ids, found.as_asked) == (1, ["a", "b"], True)
    assert found.contexts == [{"hour": 3}]
    assert np.isnan(found.labels).all()


def test_an_items_latest_outcome_counts(tmp_path: Path) -> None:
    """By its time, whichever segment has it; of requests that are in the window only."""
    segment(tmp_path, "decisions", 1, decision("r1"))
    segment(tmp_path, "outcomes", 2, told("r1", "a", 1.0, time=50), told("r0", "b", 9.0, time=60))
    segment(tmp_path, "outcomes", 1, told("r1", "a", 7.0, time=40))
    found = recent_window(tmp_path)
    assert found is not None
    np.testing.assert_array_equal(found.labels, [1.0, np.nan])
    assert found.labelled.ids == ["a"]


def test_the_last_ones_in_the_order_they_came(tmp_path: Path, monkeypatch: Any) -> None:
    """At most 1,500 (here 3), by the clock of the server; a repeated id is one decision."""
    monkeypatch.setattr(lately, "OBSERVATIONS", 3)
    order = (4, 0, 2, 1, 3)
    lines = [
        decision(f"r{place}", received=float(place), context={"hour": place}, candidates=[f"a{place}", "b"])
        for place in order
    ]
    segment(tmp_path, "decisions", 1, *lines, lines[0])
    found = recent_window(tmp_path)
    assert found is not None
    assert [context["hour"] for context in found.contexts] == [2, 3, 4]


def test_a_tail_of_the_newest_segments_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    """As many bytes as are allowed, from the next whole line on."""
    one = decision("r1", candidates=["1", "b"])
    monkeypatch.setattr(lately, "TAIL", 2 * len(one) + 5)
    r1, r2, r3, r4 = (decision(f"r{k}", candidates=[f"{k}", "b"]) for k in (1, 2, 3, 4))
    segment(tmp_path, "decisions", 1, r1, r2, r3)
    segment(tmp_path, "decisions", 2, r4)
    found = recent_window(tmp_path)
    assert found is not None
    assert found.requests == 2  # r4, and of the older segment r3; the half of r2 that was met is left out


def test_viewers_of_one_list_are_one_request(tmp_path: Path) -> None:
    """The last of them stands for all; what became of an item is known from whoever told it last."""
    same = [
        decision(f"r{k}", float(k), unit=f"u{k}", candidates=["a", "b"][:: 1 - 2 * (k % 2)]) for k in range(9)
    ]
    segment(tmp_path, "decisions", 1, *same, decision("s", 0.5, time=3600.2))
    segment(
        tmp_path,
        "outcomes",
        1,
        told("r0", "a", 3.0, time=50),
        told("r3", "a", 2.0, time=40),
        told("r2", "b", 1.0, time=40),
    )
    found = recent_window(tmp_path)
    assert found is not None
    assert (found.requests, found.hours) == (2, 2)
    assert found.ids[2:] == ["a", "b"]  # as r8 had them
    np.testing.assert_array_equal(found.labels, [np.nan, np.nan, 3.0, 1.0])


def test_outcomes_of_a_struck_or_suspected_window_do_not_count(tmp_path: Path) -> None:
    """Whether decided or told in it; the decisions are recent ones all the same."""
    lines = [decision(f"r{n}", time=1000.0 * n, candidates=[f"a{n}", "b"]) for n in range(4)]
    segment(tmp_path, "decisions", 1, *lines)
    segment(tmp_path, "outcomes", 1, *(told(f"r{n}", f"a{n}", 1.0, 1000.0 * n + 600.0) for n in range(4)))
    window = recent_window(tmp_path)
    assert window is not None
    assert np.isfinite(window.labels).sum() == 4
    assert window.left_out == {}
    struck = StruckWindow(1500.0, 1700.0, "the feed", "ann", 1.0)  # what r1 was told
    suspected = StruckWindow(2900.0, None, "turned", "the guard", 1.0, suspected=True)  # r3
    write(tmp_path, [struck, suspected])
    window = recent_window(tmp_path)
    assert window is not None
    assert [each for each, label in zip(window.ids, window.labels, strict=True) if label == 1] == ["a0", "a2"]
    assert window.requests == 4
    assert window.left_out == {struck: 1, suspected: 1}


def test_nothing_served_is_no_window(tmp_path: Path) -> None:
    assert recent_window(tmp_path) is None
    segment(tmp_path, "decisions", 1, decision("r1", fallback="no model"))
    assert recent_window(tmp_path) is None


def test_columns_are_those_that_the_engine_sees(shop: Shop, version: Path) -> None:
    """Every feature, all requests below each other."""
    judged = subject(shop, version)
    window = judged.reference.only(judged.reference.request_of_row < 4)
    found = served_columns(window, judged.engine, judged.catalogue)
    assert tuple(found) == judged.engine.spec.names
    for name, column in found.items():
        np.testing.assert_array_equal(column, judged.columns[name][: len(window.ids)], err_msg=name)
