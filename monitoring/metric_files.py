"""The files in which processes share metrics get their room on the disk before they are mapped.

prometheus_client maps files with holes. On a full disk, a number written into a hole kills the process
(SIGBUS); with their room taken beforehand, a full disk is an error at the start, and later none at all.
"""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import mmap_dict

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
