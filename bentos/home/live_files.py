"""Every live.yaml that was ever live, compiled and kept by its digest: `experiments/<digest>.json`.

The Steward writes them, workers read the one that the state names, and readers of the log
read those that its decisions name. This module imports nothing slow: workers read it.
"""

from __future__ import annotations

from bentos.home.state import Home, StateError, write_atomically
from experiments.config.live import Live


class LiveFileError(StateError):
    """A compiled live.yaml that is not on disk, or not as it was written; the message names the file."""


def keep_live(home: Home, live: Live) -> None:
    """Write a live.yaml as it is served under its digest."""
    write_atomically(home.compiled(live.digest), live.to_json().encode())


def live_under(home: Home, digest: str) -> Live:
    """The live.yaml of a digest; an empty one for "", under which the champion ranks for everyone.

    Raises LiveFileError.
    """
    if not digest:
        return Live()
    try:
        return Live.from_json(compiled_under(home, digest))
    except ValueError as error:
        raise LiveFileError(f"{home.compiled(digest)}: is no compiled live.yaml: {error}") from error


def compiled_under(home: Home, digest: str) -> bytes:
    """The live.yaml of a digest as it is on disk, for another host. Raises LiveFileError."""
    path = home.compiled(digest)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LiveFileError(f"{path}: is missing: the compiled live.yaml of digest {digest}") from error
    except OSError as error:
        raise LiveFileError(f"{path}: can't be read: {error.strerror}") from error


def ever_live(home: Home) -> dict[str, Live]:
    """Every live.yaml that was ever live, by digest. Raises LiveFileError for a file that is none."""
    return {path.stem: live_under(home, path.stem) for path in home.experiments.glob("*.json")}
