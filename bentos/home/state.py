"""The state: the one small document that says what every worker serves.

The Steward replaces `state.json` atomically; workers watch it, load beside what they serve, swap one
reference and acknowledge it. "Promoted" is what the state says, "serving" is what the acknowledgements say.
This module imports nothing slow: every worker starts with it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models.declaration.functions import named_functions
from monitoring.errors import UserError

CHAMPION = "@champion"
CHALLENGER = "@challenger"


class StateError(UserError, RuntimeError):
    """A file of a home that is not what it should be, or an act on one that can't be done: a sentence."""


class Served(msgspec.Struct, frozen=True):
    """A champion of the past: `version` served from `since` until `until` (unix seconds)."""

    version: str
    since: float
    until: float


class State(msgspec.Struct, frozen=True):
    """What is to be served. `since` (unix seconds) is when the champion began to.

    `versions` maps a reference as live.yaml writes it (`@champion`, `@challenger`, `7`) to a version
    number; `snapshot` is the catalogue's; `experiments` is the digest of the compiled live.yaml ("" when
    there never was a valid one); `previous` is the stack of champions to go back to, oldest first: a
    promotion pushes, a rollback pops. (The whole history is the Steward's log.) `corrections` maps the
    number of a served version to the digest of the correction of its probabilities, where it has one.

    The guard's part: `stopped` says per version why it must not score, `distrusted` why no version may
    (the snapshot is not what it was; "" where it is), `fallback` in which order items are served then.
    `outcomes` are the least and the most that feedback may report, where ranker.toml says so.
    """

    epoch: int
    ranker: str
    snapshot: str
    versions: dict[str, str]
    experiments: str = ""
    previous: tuple[Served, ...] = ()
    since: float = 0.0
    corrections: dict[str, str] = {}
    stopped: dict[str, str] = {}
    distrusted: str = ""
    fallback: str = "as given"
    outcomes: tuple[float, float] | None = None

    @property
    def champion(self) -> str | None:
        """The champion's version number, or None before the first promotion."""
        return self.versions.get(CHAMPION)


@dataclass(frozen=True)
class Home:
    """Where one ranker keeps its things: `Home(BALLAST_HOME / name)`.

    `declaration` is the served ranker.toml: what it does not name is never imported for a version.
    """

    folder: Path
    declaration: Path | None = None

    @property
    def functions(self) -> frozenset[str]:
        """The cross functions that versions may have imported, as ranker.toml names them now."""
        return named_functions(self.declaration)

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def steward(self) -> Path:
        return self.folder / "steward.json"

    @property
    def acks(self) -> Path:
        return self.folder / "acks"

    @property
    def versions(self) -> Path:
        return self.folder / "versions"

    @property
    def catalogue(self) -> Path:
        return self.folder / "catalogue"

    @property
    def experiments(self) -> Path:
        return self.folder / "experiments"

    @property
    def rollouts(self) -> Path:
        """How far rollouts have come by themselves, and which were stopped."""
        return self.folder / "rollouts.json"

    @property
    def corrections(self) -> Path:
        return self.folder / "corrections"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def guard(self) -> Path:
        """What the guard stopped, and its evidence."""
        return self.folder / "guard"

    @property
    def current_catalogue(self) -> Path:
        """The file that names the snapshot to serve."""
        return self.catalogue / "current"

    def version(self, version: str) -> Path:
        """The folder of a downloaded version's package."""
        return self.versions / version

    def compiled(self, digest: str) -> Path:
        """The file of a live.yaml that was live, compiled."""
        return self.experiments / f"{digest}.json"


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` as one step: a reader sees the old content or the new, never a part of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_state(path: Path) -> State | None:
    """The state on disk, or None where there is none yet.

    Where the file is damaged or gone it is the last good one, which lies beside. Raises StateError for a file
    that is no state, where there is none beside it.
    """
    try:
        found, damage = _decoded(path), None
    except StateError as error:
        found, damage = None, error
    if found is not None:
        return found
    with suppress(StateError):
        found = _decoded(kept_beside(path))
    if found is None and damage is not None:
        raise damage
    return found


def kept_beside(path: Path) -> Path:
    """Where the last good state lies."""
    return path.with_name("state.last.json")


def state_damage(path: Path) -> str | None:
    """What is wrong with the file of the state itself, where a good one lies beside; None: nothing."""
    try:
        found = _decoded(path)
    except StateError as error:
        return str(error)
    return None if found is not None else f"{path}: is gone"


def _decoded(path: Path) -> State | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(content, type=State)
    except msgspec.MsgspecError as error:
        what = f"is not a state ({len(content)} bytes): {error}"
        mend = f"put a good one there, or delete it and {kept_beside(path).name} to begin anew"
        raise StateError(f"{path}: {what}: {mend}") from error


def write_state(path: Path, state: State) -> None:
    """Replace the state atomically, and then the one that is kept beside."""
    content = msgspec.json.format(msgspec.json.encode(state)) + b"\n"
    write_atomically(path, content)
    write_atomically(kept_beside(path), content)


class FileWatch:
    """Tells cheaply, by one `stat`, whether a file was replaced or edited since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._seen: tuple[int, ...] | None = None

    def changed(self) -> bool:
        """True at the first look at an existing file, and after every change; also when it disappears."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - a Path would be built every 200 ms for nothing
        except FileNotFoundError:
            now: tuple[int, ...] | None = None
        else:
            now = (found.st_mtime_ns, found.st_ino, found.st_size)
        before, self._seen = self._seen, now
        return now != before


class StateWatch:
    """A worker's view of the state: `poll()` costs one `stat` while nothing changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._watch = FileWatch(path)

    def poll(self) -> State | None:
        """The state if it changed since the last poll, else None. Raises StateError once per bad file."""
        return read_state(self._path) if self._watch.changed() else None
