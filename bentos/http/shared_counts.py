"""What workers tell one another of their connections: a small file that all of them map.

A place belongs to the process that holds the kernel's lock on it, and to nobody once that has ended, however
it ended. Each number is written by one process, and is read whole or not at all (8 bytes, aligned).
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import suppress
from pathlib import Path

from bentos.http.spread import WorkerLoad

FIELDS = 3  # held, accepted, said: as whole numbers of 8 bytes, times in ns
SIZE = 8 * FIELDS
NAME = "connections"


class SharedCounts:
    """This process's place among `places`. Without a free one it says nothing, and hears the others.

    Raises OSError where the file can't be made.
    """

    def __init__(self, file: Path, places: int) -> None:
        self._fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._fd, 0, places * SIZE)
        self._map = mmap.mmap(self._fd, places * SIZE)
        self._numbers = memoryview(self._map).cast("q")
        self._places = places
        self._own = next((place for place in range(places) if self._take(place)), None)

    def tell(self, held: int, accepted: int, now: float) -> None:
        """What the others read from now on."""
        if self._own is not None:
            place = self._own * FIELDS
            self._numbers[place] = held
            self._numbers[place + 1] = accepted
            self._numbers[place + 2] = int(now * 1e9)

    def others(self) -> list[WorkerLoad]:
        """What the others said last, in the order of their places."""
        numbers = self._numbers.tolist()
        return [
            WorkerLoad(numbers[at], numbers[at + 1], numbers[at + 2] / 1e9)
            for place, at in enumerate(range(0, len(numbers), FIELDS))
            if numbers[at + 2] and place != self._own
        ]

    def forget_dead(self) -> None:
        """What processes said that have ended counts no more."""
        for place in range(self._places):
            if place != self._own and self._numbers[place * FIELDS + 2] and self._take(place):
                self._give_back(place)

    def close(self) -> None:
        """Give the place back; the file stays with the others."""
        if self._own is not None:
            self._give_back(self._own)
            self._own = None
        self._numbers.release()
        self._map.close()
        os.close(self._fd)

    def _take(self, place: int) -> bool:
        with suppress(OSError):
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, SIZE, place * SIZE)
            self._wipe(place)
            return True
        return False

    def _give_back(self, place: int) -> None:
        self._wipe(place)
        fcntl.lockf(self._fd, fcntl.LOCK_UN, SIZE, place * SIZE)

    def _wipe(self, place: int) -> None:
        struct.pack_into(f"{FIELDS}q", self._map, place * SIZE, *(0,) * FIELDS)
