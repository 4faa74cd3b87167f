"""What was appended is in the log, whatever happens to the process or the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from monitoring.log.record import RecordError, decode, encode
from monitoring.log.segments import LogUnavailable, SegmentWriter, is_closed, segments
from tests.monitoring.records import decision

ROOT = Path(__file__).parents[3]


def lines_of(folder: Path) -> list[str]:
    """Request ids of all whole records, in the order of files and lines."""
    found = []
    for path in segments(folder):
        for line in path.read_bytes().split(b"\n"):
            try:
                found.append(decode(line).request_id)
            except RecordError:
                continue
    return found


def test_segments_rotate_sort_by_time_and_close(tmp_path: Path) -> None:
    """A reader may take name order for time order, and a full segment for final."""
    line = encode(decision("r"))
    writer = SegmentWriter(tmp_path, "w0", rotate_bytes=3 * len(line))
    for k in range(7):
        writer.append(encode(decision(f"r{k}")))
    assert lines_of(tmp_path) == [f"r{k}" for k in range(7)]
    found = segments(tmp_path)
    assert len(found) == 3
    assert wait_for(lambda: [is_closed(path) for path in found] == [True, True, False])
    writer.close()
    assert is_closed(found[-1])
    writer.append(encode(decision("r7")))
    assert len(segments(tmp_path)) == 4, "an append after closing opens a segment of its own"
    writer.close()


def test_workers_never_share_a_segment(tmp_path: Path) -> None:
    """The same name, process and moment still give two files."""
    writers = [SegmentWriter(tmp_path, "w0") for _ in range(20)]
    for k, writer in enumerate(writers):
        writer.append(encode(decision(f"r{k}")))
    assert len(segments(tmp_path)) == 20
    for writer in writers:
        writer.close()


def test_threads_do_not_cut_each_others_lines(tmp_path: Path) -> None:
    """A server may log from a thread while its loop logs too."""
    writer = SegmentWriter(tmp_path, "w0", rotate_bytes=50_000)

    def many(name: int) -> None:
        for k in range(300):
            writer.append(encode(decision(f"{name}-{k}", 1 + k % 30)))

    threads = [threading.Thread(target=many, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert sorted(lines_of(tmp_path)) == sorted(f"{name}-{k}" for name in range(4) for k in range(300))


@pytest.mark.parametrize("worker", ["", "a-b", "a/b"])
def test_a_worker_name_that_would_break_file_names_is_refused(tmp_path: Path, worker: str) -> None:
    with pytest.raises(ValueError, match="not empty and has no"):
        SegmentWriter(tmp_path, worker)


APPENDER = """
import sys
from pathlib import Path
from monitoring.log.record import encode
from monitoring.log.segments import SegmentWriter
from tests.monitoring.records import decision
writer = SegmentWriter(Path(sys.argv[1]), sys.argv[2], rotate_bytes=200_000)
for k in range(10**9):
    writer.append(encode(decision(f"{sys.argv[2]}-{k}", 20)))
    print(k, flush=True)
"""


def test_sigkill_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    """Real processes, killed in the midst of appending; the pipe holds what each had acknowledged."""
    children = []
    for round_ in range(3):
        names = [f"w{round_}x{k}" for k in range(2)]
        batch = {name: start(APPENDER, str(tmp_path), name) for name in names}
        assert wait_for(lambda names=names: all(any(n in p.name for p in segments(tmp_path)) for n in names))
        time.sleep(0.3)  # let them get on with it; how far does not matter
        for child in batch.values():
            child.send_signal(signal.SIGKILL)
        children += list(batch.items())
    written = lines_of(tmp_path)
    assert len(set(written)) == len(written)
    for name, child in children:
        out, _ = child.communicate()
        acknowledged = [f"{name}-{k}" for k in out.split(b"\n")[-2:-1] for k in range(int(k) + 1)]
        assert len(acknowledged) > 100
        assert not set(acknowledged) - set(written)
        assert len([r for r in written if r.startswith(name + "-")]) - len(acknowledged) in {0, 1}
    assert all(is_closed(path) for path in segments(tmp_path)), "the dead hold no segment"


FULL_DISK = """
import resource, sys
from pathlib import Path
from monitoring.log.record import encode
from monitoring.log.segments import LogUnavailable, SegmentWriter
from tests.monitoring.records import decision
writer = SegmentWriter(Path(sys.argv[1]), "w0")
limit = lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
line = encode(decision("r0"))
writer.append(line)
limit(len(line) + len(line) // 2)
for k in (1, 2):
    try:
        writer.append(encode(decision(f"r{k}")))
    except LogUnavailable as error:
        print(error)
limit(resource.RLIM_INFINITY)
writer.append(encode(decision("r3")))
writer.append(encode(decision("r4")))
"""


def test_a_full_disk_is_said_and_recovered_from(tmp_path: Path) -> None:
    """A file size limit cuts a line as ENOSPC does; with room again, the torn line harms no other."""
    out = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert len(out) == 2
    assert "No space left on device" in out[0]
    assert "bytes written" in out[0]
    assert f"the log in {tmp_path} cannot be written: File too large" in out[1]
    assert lines_of(tmp_path) == ["r0", "r3", "r4"]
    assert len(segments(tmp_path)) == 1, "the segment goes on"


def test_a_folder_that_cannot_be_made_is_said_and_recovered_from(tmp_path: Path) -> None:
    """The log's place may be missing at the start and come later, as a mount does."""
    place = tmp_path / "log"
    place.write_text("a file stands where the folder should be")
    writer = SegmentWriter(place, "w0")
    with pytest.raises(LogUnavailable, match=r"the log in .*log cannot be written: File exists"):
        writer.append(encode(decision("r0")))
    place.unlink()
    writer.append(encode(decision("r1")))
    assert lines_of(place) == ["r1"]
    writer.close()


def test_a_deleted_segment_is_noticed(tmp_path: Path) -> None:
    """Writes to a removed file succeed and are lost; a new segment is opened instead."""
    writer = SegmentWriter(tmp_path, "w0")
    writer.append(encode(decision("r0")))
    segments(tmp_path)[0].unlink()
    writer.append(encode(decision("r1")))
    assert lines_of(tmp_path) == ["r1"]
    writer.close()


def start(code: str, *arguments: str, stdin: int | None = None) -> subprocess.Popen[bytes]:
    """A Python process of its own that runs `code`, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def wait_for(condition: object, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False
