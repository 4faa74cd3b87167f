"""A full disk kills nobody who counts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import mmap_dict

from monitoring.metric_files import ROOM, opened

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
