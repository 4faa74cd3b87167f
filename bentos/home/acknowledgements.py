"""What each worker serves, as it says itself: a small file for each, which only the living have.

This module imports nothing slow: every worker starts with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from bentos.home.live_processes import process_started
from bentos.home.state import State, StateError, write_atomically


class Ack(msgspec.Struct, frozen=True):
    """One worker's report on what it serves: written by the worker, read by `/status` and the Steward.

    `started` is the process's start in clock ticks since boot, which tells a worker from a later process
    that was given the same pid. `problem` says why an epoch could not be loaded; `epoch` is then the one
    still served, 0 where there is none. `unloadable` is the version that it could not load from this disk;
    `of` is how many workers of this kind there should be (0: not known).
    """

    pid: int
    started: int
    kind: str
    epoch: int
    versions: dict[str, str]
    snapshot: str = ""
    experiments: str = ""
    time: float = 0.0
    problem: str | None = None
    unloadable: str | None = None
    of: int = 0


def acknowledge(  # noqa: PLR0913 - an acknowledgement's fields, the rarer ones by name
    folder: Path,
    kind: str,
    state: State,
    problem: str | None = None,
    *,
    unloadable: str | None = None,
    of: int = 0,
) -> Ack:
    """Write this process's acknowledgement of `state` as what it serves; `kind` is ranker or scorer."""
    pid = os.getpid()
    ack = Ack(
        pid=pid,
        started=process_started(pid) or 0,
        kind=kind,
        epoch=state.epoch,
        versions=dict(state.versions),
        snapshot=state.snapshot,
        experiments=state.experiments,
        time=time.time(),
        problem=problem,
        unloadable=unloadable,
        of=of,
    )
    write_atomically(folder / f"{pid}.json", msgspec.json.encode(ack))
    return ack


def read_acks(folder: Path) -> list[Ack]:
    """The acknowledgements of the workers that are alive, by pid; those of the dead are removed."""
    return sorted(_living(folder), key=lambda ack: ack.pid)


def _living(folder: Path) -> Iterator[Ack]:
    for path in folder.glob("*.json"):
        try:
            ack = msgspec.json.decode(path.read_bytes(), type=Ack)
        except FileNotFoundError:
            continue  # another reader removed it
        except msgspec.MsgspecError as error:
            raise StateError(f"{path}: is not an acknowledgement: {error}") from error
        if process_started(ack.pid) == ack.started:
            yield ack
        else:
            with suppress(FileNotFoundError):
                path.unlink()
