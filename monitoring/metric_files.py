"""The files in which processes share metrics get their room on the disk before they are mapped.

prometheus_client maps files with holes. On a full disk, a number written into a hole kills the process
(SIGBUS); with their room taken beforehand, a full disk is an error at the start, and later none at all.

What a process that was killed said last of something that changes is not true any more: gauges end with their
process. Its counters stay, since what was counted has happened.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import mmap_dict

SLACK = 2.0  # seconds by which clocks of files and processes may differ
ROOM = 1 << 18  # bytes of one file: some thousand label sets, so that it need not grow


class _Allocated:
    """An open file that grows by bytes which the disk has set aside."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def truncate(self, size: int) -> None:
        """Grow to `size` bytes. Raises OSError where the disk has no room."""
        os.posix_fallocate(self._file.fileno(), 0, size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def opened(name: str, mode: str) -> Any:
    """Open one of these files: to read it, or to write into it."""
    file = open(name, mode)  # noqa: PTH123, SIM115 - in the place of `open`, and kept open
    return file if mode == "rb" else _Allocated(file)


def take_room() -> None:
    """For all files that this process opens from now on."""
    mmap_dict.open = opened  # type: ignore[attr-defined]
    mmap_dict._INITIAL_MMAP_SIZE = ROOM


_GAUGES = re.compile(r"gauge_live[a-z]+_(\d+)\.db")


def retire_dead(folder: Path) -> list[str]:
    """Remove the gauges of processes that are gone from the folder of shared metrics; their files' names."""
    gone = []
    for path in folder.iterdir() if folder.is_dir() else ():
        owner = _GAUGES.fullmatch(path.name)
        if owner is not None and not _owns(int(owner[1]), path):
            with suppress(FileNotFoundError):  # another worker was quicker
                path.unlink()
                gone.append(path.name)
    return gone


def _owns(pid: int, path: Path) -> bool:
    """Whether the process of this number lives, and is the one that wrote: it began before that."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        up = float(Path("/proc/uptime").read_text().split()[0])
        age = up - int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return fields[0] not in "ZX" and path.stat().st_mtime >= time.time() - age - SLACK
    except (OSError, IndexError, ValueError):
        return False
