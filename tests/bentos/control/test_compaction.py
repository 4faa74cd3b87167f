"""Compaction beside the Steward: a process that does its work, says why it can't, and ends with it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from bentos.control.compaction import CompactionFailed, compact_apart, compact_now_and_then
from monitoring.log.manifest import read_manifest
from monitoring.log.segments import segments
from tests.monitoring.records import decision, write_decisions


def test_a_log_is_compacted_apart(tmp_path: Path) -> None:
    """Two closed segments, old enough, become one Parquet file."""
    for worker in ("w0", "w1"):
        write_decisions(tmp_path, decision(f"r-{worker}"), worker=worker)
    for path in segments(tmp_path / "decisions"):
        os.utime(path, (time.time() - 7 * 86400,) * 2)
    stop = threading.Event()
    thread = threading.Thread(target=compact_now_and_then, args=(tmp_path, stop, 0.05))
    thread.start()
    deadline = time.monotonic() + 60
    while not read_manifest(tmp_path / "decisions").parts and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert sum(part.rows for part in read_manifest(tmp_path / "decisions").parts) == 2


def test_what_prevents_it_is_said(tmp_path: Path) -> None:
    """With the path, in the log."""
    (tmp_path / "decisions").write_text("a file where a folder should be")
    with pytest.raises(CompactionFailed, match=str(tmp_path / "decisions")):
        compact_apart(tmp_path, threading.Event())


def test_it_ends_with_the_steward(tmp_path: Path) -> None:
    """At the next look, and that is no failure."""
    stop = threading.Event()
    stop.set()
    fifo = tmp_path / "decisions"
    fifo.mkdir()
    os.mkfifo(fifo / "compacted.json")  # reading it would wait for ever
    started = time.monotonic()
    compact_apart(tmp_path, stop)
    assert time.monotonic() - started < 10
