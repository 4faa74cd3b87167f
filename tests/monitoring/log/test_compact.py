"""Compaction changes where records are, never which: also while it runs, and wherever it dies."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitoring.log import window as log
from monitoring.log.compact import Policy, compact
from monitoring.log.index import DecisionIndex
from monitoring.log.manifest import ManifestError, read_manifest, reading
from monitoring.log.offsets import table_path
from monitoring.log.record import encode
from monitoring.log.segments import SegmentWriter, segments
from tests.monitoring.log.test_segments import start, wait_for
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

ROOT = Path(__file__).parents[3]
AT_ONCE = Policy(least_bytes=0, keep_segments=math.inf)


def fill(
    root: Path, folders: int = 4, each: int = 10, kinds: Sequence[str] = ("decisions", "outcomes")
) -> set[str]:
    """Several closed segments; the ids that are in them."""
    for k in range(folders):
        write_decisions(
            root, *(decision(f"r{k}-{j}", received=1000.0 + k) for j in range(each)), worker=f"w{k}"
        )
        if "outcomes" in kinds:
            write_outcomes(root, *(outcome(f"r{k}-{j}", "item-0", 1.0) for j in range(each)), worker=f"w{k}")
    return {f"r{k}-{j}" for k in range(folders) for j in range(each)}


def raw(root: Path) -> list[str]:
    """Request ids as the files hold them, before anything repeated is taken out."""
    with log.window(root) as window:
        return window.sql("SELECT request_id FROM raw_decisions").request_id.tolist()


def test_closed_segments_become_one_file(tmp_path: Path) -> None:
    """What is live stays as it is; the rest is read from Parquet from now on."""
    ids = fill(tmp_path)
    writer = SegmentWriter(tmp_path / "decisions", "live")
    writer.append(encode(decision("live")))
    result = compact(tmp_path, AT_ONCE)["decisions"]
    assert (len(result.compacted), result.rows, result.torn, result.deleted, result.refused) == (
        4,
        40,
        0,
        [],
        {},
    )
    assert sorted(raw(tmp_path)) == sorted(ids | {"live"})
    assert len(list((tmp_path / "decisions").glob("*.parquet"))) == 1
    assert compact(tmp_path, AT_ONCE)["decisions"].compacted == [], "nothing is compacted twice"
    writer.close()


def test_a_dead_workers_segment_is_compacted_and_its_torn_line_counted(tmp_path: Path) -> None:
    """A worker that was killed closed nothing, and may have left half a line."""
    code = (
        "import os, sys; from pathlib import Path; from tests.monitoring.records import decision\n"
        "from monitoring.log.record import encode; from monitoring.log.segments import SegmentWriter\n"
        "w = SegmentWriter(Path(sys.argv[1]), 'w0'); w.append(encode(decision('r0')))\n"
        "w.append(encode(decision('r1'))[:100]); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "decisions")], cwd=ROOT, check=False)
    assert done.returncode == -9
    result = compact(tmp_path, AT_ONCE)["decisions"]
    assert (result.rows, result.torn) == (1, 1)
    assert raw(tmp_path) == ["r0"]


def test_small_and_young_segments_wait(tmp_path: Path) -> None:
    """A file for every restart would be many files; a day later they are compacted all the same."""
    fill(tmp_path, folders=2)
    policy = Policy(least_bytes=10**9, keep_segments=math.inf)
    assert compact(tmp_path, policy)["decisions"].compacted == []
    later = segments(tmp_path / "decisions")[-1].stat().st_mtime + policy.wait + 1
    assert len(compact(tmp_path, policy, now=later)["decisions"].compacted) == 2


def test_large_segments_become_several_files(tmp_path: Path) -> None:
    """The memory of one run is bounded by the size of one batch."""
    ids = fill(tmp_path)
    size = segments(tmp_path / "decisions")[0].stat().st_size
    compact(tmp_path, Policy(least_bytes=0, most_bytes=2 * size, keep_segments=math.inf))
    assert [len(part.segments) for part in read_manifest(tmp_path / "decisions").parts] == [2, 2]
    assert sorted(raw(tmp_path)) == sorted(ids)


def test_retention_deletes_segments_then_records(tmp_path: Path) -> None:
    """Records received at 1000 to 1003: segments go first, Parquet later, newer ones stay."""
    ids = fill(tmp_path)
    folder = tmp_path / "decisions"
    assert DecisionIndex(folder).find("r0-0") is not None
    tables = [table_path(segment) for segment in segments(folder)]
    assert all(table.exists() for table in tables)
    policy = Policy(least_bytes=0, most_bytes=1, keep_segments=100.0, keep=1000.0)
    compact(tmp_path, policy, now=1102.5)
    assert len(segments(folder)) == 1, "received at 1003, which is not yet 100 s ago"
    assert sum(table.exists() for table in tables) == 1
    assert sorted(raw(tmp_path)) == sorted(ids)
    assert DecisionIndex(folder).find("r0-0") is None
    assert DecisionIndex(folder).find("r3-0") is not None
    compact(tmp_path, policy, now=2002.5)
    assert set(raw(tmp_path)) == {f"r3-{j}" for j in range(10)}
    compact(tmp_path, policy, now=9999.0)
    assert raw(tmp_path) == []
    assert list(folder.glob("*.parquet")) == []


def test_nothing_is_deleted_under_a_reader(tmp_path: Path) -> None:
    """A window that is open keeps its files; the next run deletes them."""
    fill(tmp_path)
    policy = Policy(least_bytes=0, keep_segments=0.0)
    with reading(tmp_path / "decisions"):
        assert compact(tmp_path, policy, now=1e10)["decisions"].deleted == []
        assert len(segments(tmp_path / "decisions")) == 4
    assert len(compact(tmp_path, policy, now=1e10)["decisions"].deleted) == 4


def test_records_of_a_newer_release_are_left_alone(tmp_path: Path) -> None:
    """Rewriting what one does not understand would lose it."""
    write_decisions(tmp_path, decision("r0", v=2))
    result = compact(tmp_path, AT_ONCE)["decisions"]
    (segment,) = segments(tmp_path / "decisions")
    assert "version 2" in result.refused[segment.name]
    assert read_manifest(tmp_path / "decisions").parts == []


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    """Without it records would be read twice or not at all."""
    fill(tmp_path, folders=1)
    path = tmp_path / "decisions" / "compacted.json"
    path.write_text('{"parts": 3}')
    with pytest.raises(
        ManifestError, match=r"compacted.json is no list of compacted files: Expected `array`"
    ):
        raw(tmp_path)
    path.write_text('{"parts": [], "version": 2}')
    with pytest.raises(ManifestError, match="has version 2; this Ballast reads version 1"):
        raw(tmp_path)


def test_what_the_dead_left_over_is_cleared(tmp_path: Path) -> None:
    """Half-written files have no reader; young ones may still have a writer."""
    fill(tmp_path, folders=1)
    folder = tmp_path / "decisions"
    compact(tmp_path, AT_ONCE)
    kept = {path.name for path in folder.iterdir()}
    for name in (".0001-w0-1-abcdef", ".0001-w0-1-abcdef.77.88", "0001-w0-1-abcdef.idx", "orphan.parquet"):
        (folder / name).write_bytes(b"half")
    compact(tmp_path, AT_ONCE)
    assert {path.name for path in folder.iterdir()} == kept | {".0001-w0-1-abcdef", ".0001-w0-1-abcdef.77.88"}
    compact(tmp_path, AT_ONCE, now=time.time() + 3700)
    assert {path.name for path in folder.iterdir()} == kept
    assert len(raw(tmp_path)) == 10


def test_two_runs_at_once_do_the_work_once(tmp_path: Path) -> None:
    fill(tmp_path)
    results = []
    threads = [threading.Thread(target=lambda: results.append(compact(tmp_path, AT_ONCE))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result["decisions"].rows for result in results) == 40
    assert len(raw(tmp_path)) == 40


def test_readers_see_every_record_once_all_the_while(tmp_path: Path) -> None:
    """Compaction and deletion run again and again beside a reader that counts."""
    ids = fill(tmp_path)
    stop = threading.Event()
    errors: list[BaseException] = []
    deleted: list[str] = []

    def churn() -> None:
        k = 100
        try:
            while not stop.is_set():
                done = compact(tmp_path, Policy(least_bytes=0, keep_segments=0.0), now=1e10)
                deleted.extend(done["decisions"].deleted)
                write_decisions(tmp_path, decision(f"extra-{k}"), worker=f"w{k}")
                k += 1
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(5):
            for _ in range(5):
                seen = raw(tmp_path)
                assert len(seen) == len(set(seen))
                assert ids <= set(seen)
            before = len(deleted)
            assert wait_for(lambda before=before: len(deleted) > before or errors), "it comes to its turn"
    finally:
        stop.set()
        thread.join()
    assert errors == []


CRASH = """
import os, sys
from pathlib import Path
import duckdb
from monitoring.log.compact import Policy, compact

def run(root, fatal):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3  # WRONLY, RDWR
        if (event in ("os.rename", "os.remove") or writes) and root in str(arguments[0]):
            seen += 1
            if seen == fatal:
                os.kill(os.getpid(), 9)
    sys.addaudithook(hook)
    compact(Path(root), Policy(least_bytes=0, most_bytes=1, keep_segments=100.0, keep=1000.0), now=2001.5)

for line in sys.stdin:
    root, fatal = line.split()
    child = os.fork()  # the imports are paid for once
    if child == 0:
        run(root, int(fatal))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_crash_at_any_step_leaves_the_log_whole(tmp_path: Path) -> None:
    """SIGKILL before the nth change of the disk, for every n: nothing missing, nothing twice, then or later.

    The run compacts three segments into three files, deletes segments, and drops the two oldest files.
    """
    kept = {f"r2-{j}" for j in range(10)}
    all_ids = {f"r{k}-{j}" for k in range(3) for j in range(10)}
    crasher = start(CRASH, stdin=subprocess.PIPE)
    for fatal in range(1, 100):
        root = tmp_path / str(fatal)
        fill(root, folders=3, kinds=("decisions",))
        code = crash(crasher, root, fatal)
        seen = raw(root)
        assert len(seen) == len(set(seen)), fatal
        assert kept <= set(seen) <= all_ids, fatal
        if code == 0:
            assert fatal > 20, "that many changes there are at least"
            break
        assert code == -9
        compact(root, Policy(least_bytes=0, most_bytes=1, keep_segments=100.0, keep=1000.0), now=2001.5)
        assert sorted(raw(root)) == sorted(kept), fatal
        assert len(list((root / "decisions").glob("*.parquet"))) == 1, "no leftovers"
    else:
        pytest.fail("the run never came to its end")
    crasher.communicate()


def crash(crasher: subprocess.Popen[bytes], root: Path, fatal: int) -> int:
    assert crasher.stdin is not None
    assert crasher.stdout is not None
    crasher.stdin.write(f"{root} {fatal}\n".encode())
    crasher.stdin.flush()
    return int(crasher.stdout.readline())
