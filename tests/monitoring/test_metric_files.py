"""A full disk kills nobody who counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import mmap_dict

from monitoring.metric_files import ROOM, opened, retire_dead

COUNTS = """
import os, sys
from pathlib import Path
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from monitoring import metric_files
if sys.argv[2] == "room":
    metric_files.take_room()
from prometheus_client import Counter
counter = Counter("c", "text", ["label"])
counter.labels("first").inc()
with open(Path(sys.argv[1], "filler"), "wb", buffering=0) as filler:
    try:
        while filler.write(bytes(4096)) == 4096:
            pass
    except OSError:
        pass
for number in range(800):
    counter.labels(str(number)).inc()
print("counted")
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize(("how", "status"), [("room", 0), ("holes", -7)])
def test_a_full_disk_kills_nobody(small_disk: Path, how: str, status: int) -> None:
    """Without the room it does: SIGBUS."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTS, str(small_disk), how],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("counted" in done.stdout) == (status == 0)


def test_the_room_is_taken_and_the_file_is_read_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte has its block."""
    monkeypatch.setattr(mmap_dict, "open", opened, raising=False)
    monkeypatch.setattr(mmap_dict, "_INITIAL_MMAP_SIZE", ROOM)
    path = tmp_path / "counter.db"
    values = mmap_dict.MmapedDict(str(path))
    values.write_value("key", 3.0, 1.0)
    found = path.stat()
    assert found.st_size == ROOM
    assert found.st_blocks * 512 >= ROOM
    assert [each[:2] for each in mmap_dict.MmapedDict.read_all_values_from_file(str(path))] == [("key", 3.0)]
    values.close()


TELLS = """
import os, sys, time
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from monitoring.metrics import Metrics
metrics = Metrics()
metrics.guard([("version", "7", "order", "turned", "6 serves")] if sys.argv[2] == "stopped" else [])
metrics.log_failed("decision")
print("told", flush=True)
time.sleep(60)
"""
SHOWS = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from monitoring.metric_files import retire_dead
retire_dead(Path(sys.argv[1]))
registry = CollectorRegistry()
MultiProcessCollector(registry, path=sys.argv[1])
print(generate_latest(registry).decode())
"""


def _running(folder: Path, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TELLS, str(folder), what]
    worker = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "told\n"
    return worker


def _shown(folder: Path) -> str:
    command = [sys.executable, "-c", SHOWS, str(folder)]
    return subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    ).stdout


def test_what_a_killed_worker_said_of_the_guard_ends_with_it(tmp_path: Path) -> None:
    """Its counters stay; those of workers that live stay altogether."""
    killed = _running(tmp_path, "stopped")
    try:
        assert 'subject="7"} 1.0' in _shown(tmp_path)
    finally:
        killed.kill()
        killed.wait(10)
    other = _running(tmp_path, "cleared")  # it never knew of the stop
    try:
        shown = _shown(tmp_path)
        assert "ballast_guard_stopped{" not in shown
        assert 'ballast_log_failures_total{record="decision"} 2.0' in shown
        assert [path.name for path in tmp_path.glob("gauge_live*")] == [
            f"gauge_livemostrecent_{other.pid}.db"
        ]
    finally:
        other.kill()
        other.wait(10)


def test_a_process_that_has_the_number_of_a_dead_one_is_another(tmp_path: Path) -> None:
    """Its file is older than the process; a folder that is not there has none."""
    path = tmp_path / f"gauge_livesum_{os.getpid()}.db"
    path.write_bytes(b"")
    assert retire_dead(tmp_path) == []
    os.utime(path, (5.0, 5.0))
    assert retire_dead(tmp_path) == [path.name]
    assert retire_dead(tmp_path / "none") == []
