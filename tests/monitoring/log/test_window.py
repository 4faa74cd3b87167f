"""Windows of the log: what is in them, once, and how outcomes meet decisions."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from monitoring.log import window as log
from monitoring.log.compact import Policy, compact
from monitoring.log.record import RecordError, decode, encode
from monitoring.log.segments import SegmentWriter, segments
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

AT_ONCE = Policy(least_bytes=0, keep_segments=math.inf)


@pytest.fixture(params=["segments", "parquet", "both"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """One log in each of its states: nothing of what follows may depend on it."""
    first = [decision(f"r{k}", time=100.0 * k, received=50_000.0 + k) for k in range(5)]
    write_decisions(tmp_path, *first, worker="w0")
    write_outcomes(
        tmp_path, outcome("r0", "item-2", 1.0, time=150.0), outcome("r3", "item-0", 4.0, time=900.0)
    )
    if request.param != "segments":
        compact(tmp_path, AT_ONCE)
    again = decision("r2", time=200.0, received=60_000.0, model="flights/9", explored=True)
    write_decisions(tmp_path, again, decision("r5", 2, time=500.0, candidates=[41, -7]), worker="w1")
    write_outcomes(
        tmp_path,
        outcome("r0", "item-2", 1.0, time=150.0, received=1200.0),  # sent twice
        outcome("r0", "item-2", 5.0, time=160.0),
        outcome("r5", -7, 2.0, time=650.0),
        outcome("stranger", "item-2", 9.0),
    )
    if request.param == "parquet":
        compact(tmp_path, AT_ONCE)
    return tmp_path


def test_decisions_are_one_row_each_and_the_last_of_their_id(place: Path) -> None:
    rows = log.read(place, "decisions").set_index("request_id").sort_index()
    assert rows.index.tolist() == [f"r{k}" for k in range(6)]
    assert rows.model.tolist() == ["flights/7"] * 2 + ["flights/9"] + ["flights/7"] * 3
    first = rows.loc["r0"]
    written = decode(encode(decision("r0")))
    assert list(first.candidates) == written.candidates
    assert list(first.slate) == written.slate
    assert list(first.scores) == written.scores
    assert list(first.propensities) == written.propensities
    assert first.context == '{"wind_speed":11.5,"carrier":"UA"}'
    assert first.arms[0] == {
        **{"experiment": "ranker-ab", "variant": "treatment", "model": "@challenger"},
        **{"bucket": 0.31, "salt": "salt-1", "forced": False, "same": None},
    }
    assert rows.integer_ids.tolist() == [False] * 5 + [True]
    assert list(rows.loc["r5"].candidates) == ["41", "-7"]


def test_a_window_is_half_open(place: Path) -> None:
    """Windows laid side by side hold every decision once."""
    found = [
        log.read(place, "decisions", *edge).request_id.tolist() for edge in ((0.0, 200.0), (200.0, 500.0))
    ]
    assert [sorted(each) for each in found] == [["r0", "r1"], ["r2", "r3", "r4"]]


def test_slates_are_one_row_per_position(place: Path) -> None:
    rows = log.read(place, "slates", 0.0, 100.0).sort_values("position")
    assert rows[
        ["request_id", "position", "item", "score", "propensity", "candidate_count"]
    ].values.tolist() == [
        ["r0", 0, "item-2", 2.0, 0.99, 3],
        ["r0", 1, "item-1", 1.5, 0.99, 3],
        ["r0", 2, "item-0", 1.0, 0.99, 3],
    ]


def test_outcomes_are_distinct_and_belong_to_a_decision(place: Path) -> None:
    """Feedback sent twice counts once; that of an unknown request not at all."""
    rows = log.read(place, "outcomes").sort_values(["request_id", "time"])
    assert rows[["request_id", "item", "value", "time"]].values.tolist() == [
        ["r0", "item-2", 1.0, 150.0],
        ["r0", "item-2", 5.0, 160.0],
        ["r3", "item-0", 4.0, 900.0],
        ["r5", "-7", 2.0, 650.0],
    ]


def test_joined_has_each_items_latest_and_total(place: Path) -> None:
    rows = log.read(place, "joined").set_index(["request_id", "item"])
    assert len(rows) == 17
    twice = rows.loc[("r0", "item-2")]
    assert (twice.value, twice.total, twice.outcomes, twice.outcome_time) == (5.0, 6.0, 2, 160.0)
    none = rows.loc[("r0", "item-1")]
    assert math.isnan(none.value)
    assert none.outcomes == 0
    assert rows.loc[("r5", "-7")].value == 2.0


def test_what_was_known_at_a_time_is_what_counts_then(place: Path) -> None:
    """A comparison of arms that uses outcomes from its future is no comparison."""
    rows = log.read(place, "joined", known_by=160.0)
    assert rows.outcomes.sum() == 2
    assert log.read(place, "joined", known_by=159.9).outcomes.sum() == 1


def test_the_views_can_be_asked_in_one_window(place: Path) -> None:
    with log.window(place, until=500.0) as window:
        found = window.sql(
            "SELECT list_filter(arms, lambda arm: arm.experiment = ?)[1].variant AS variant, count(*) AS n "
            "FROM slates GROUP BY ALL",
            ["ranker-ab"],
        )
    assert found.values.tolist() == [["treatment", 15]]


def test_what_arrived_before_is_not_opened(tmp_path: Path) -> None:
    """A look at an experiment's beginning costs what came since, however long the log is."""
    for number, moment in enumerate((1000.0, 2000.0)):
        write_decisions(tmp_path, decision(f"r{number}", received=moment), worker=f"w{number}")
        write_outcomes(tmp_path, outcome(f"r{number}", "item-2", 1.0, received=moment), worker=f"w{number}")
        compact(tmp_path, AT_ONCE)
    write_decisions(tmp_path, decision("r2", received=1500.0), decision("r3", received=1499.0), worker="w2")
    for kind in ("decisions", "outcomes"):
        sorted((tmp_path / kind).glob("*.parquet"))[0].write_bytes(b"nobody reads this")
    with log.window(tmp_path, arrived=1500.0) as window:
        assert window.sql("SELECT request_id FROM decisions ORDER BY 1").request_id.tolist() == ["r1", "r2"]
        assert window.sql("SELECT request_id FROM outcomes").request_id.tolist() == ["r1"]


def test_an_empty_log_has_the_same_columns(place: Path, tmp_path: Path) -> None:
    for view in log.VIEWS:
        empty = log.read(tmp_path / "nowhere", view)
        assert len(empty) == 0
        assert list(empty.columns) == list(log.read(place, view).columns)
    assert not (tmp_path / "nowhere").exists(), "reading makes nothing"


def test_an_unknown_view_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="view 'clicks' is none of decisions, slates, outcomes, joined"):
        log.read(tmp_path, "clicks")


def test_files_that_lack_the_newest_columns_are_read(tmp_path: Path) -> None:
    """Parquet of an older release beside today's, whichever comes first: what they lack is null."""
    for number in range(3):
        write_decisions(tmp_path, decision(f"r{number}", time=float(number)), worker=f"w{number}")
        compact(tmp_path, AT_ONCE)
    older = sorted((tmp_path / "decisions").glob("*.parquet"))[1]
    arms = "list_transform(arms, lambda a: {'experiment': a.experiment})"
    kept = f"* EXCLUDE (rankers, team) REPLACE ({arms} AS arms)"
    duckdb.sql(f"COPY (SELECT {kept} FROM read_parquet('{older}')) TO '{tmp_path / 'older.parquet'}'")
    (tmp_path / "older.parquet").replace(older)
    rows = log.read(tmp_path, "decisions").set_index("request_id").sort_index()
    assert rows.index.tolist() == ["r0", "r1", "r2"]
    assert [each[0]["same"] for each in rows.arms] == [None] * 3
    assert rows.team.isna().all()


def test_a_newer_record_is_refused(tmp_path: Path) -> None:
    write_decisions(tmp_path, decision("r0"), decision("r1", v=2))
    with pytest.raises(
        RecordError, match=r"decisions has records of version 2; this Ballast reads versions up to 1"
    ):
        log.read(tmp_path, "decisions")


def test_live_segments_and_torn_lines_are_read(tmp_path: Path) -> None:
    """The window ends now; its last segment is being written, and one line may be half there."""
    writer = SegmentWriter(tmp_path / "decisions", "w0")
    for k in range(3):
        writer.append(encode(decision(f"r{k}")))
    with segments(tmp_path / "decisions")[0].open("ab") as file:
        file.write(
            encode(decision("torn"))[:200] + b"\n" + encode(decision("r3")) + encode(decision("half"))[:-9]
        )
    assert sorted(log.read(tmp_path, "decisions").request_id) == ["r0", "r1", "r2", "r3"]
    writer.close()


def test_numbers_come_through_to_the_last_bit(tmp_path: Path) -> None:
    """A replay compares scores bit for bit, from segments and from Parquet."""
    scores = np.frombuffer(np.random.default_rng(5).bytes(8 * 4000)).copy()
    scores = scores[np.isfinite(scores)]
    write_decisions(tmp_path, decision("r", len(scores), scores=scores))
    for _ in range(2):
        (row,) = log.read(tmp_path, "decisions").scores
        assert row.tobytes() == scores.tobytes()
        compact(tmp_path, AT_ONCE)


def test_serving_processes_import_none_of_this() -> None:
    """DuckDB, Arrow and pandas cost every worker seconds and a hundred megabytes."""
    code = (
        "import sys, monitoring.log.record, monitoring.log.segments, monitoring.log.index, "
        "monitoring.guard.sanity, "
        "monitoring.metrics; slow = ('duckdb', 'pyarrow', 'pandas', 'evidently', 'scipy', 'mlflow'); "
        "print([name for name in slow if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
