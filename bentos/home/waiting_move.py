"""A rollback that MLflow has not heard of yet, `waiting_move.json`: it is served at once, and told later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from bentos.home.state import Home, State, StateError, write_atomically


class WaitingMove(msgspec.Struct, frozen=True):
    """`alias` (without "@") is to point at `version`, as `by` asked at `time` (unix seconds).

    `before` is where it pointed when the registry was last seen; None where nobody knows.
    """

    alias: str
    version: str
    before: str | None
    by: str
    time: float

    @property
    def sentence(self) -> str:
        """For /status."""
        return (
            f"{self.alias}: {self.by} rolled back to version {self.version} while MLflow does not answer: "
            "it is told when it does"
        )


def read(home: Home) -> WaitingMove | None:
    """The move that waits; None where there is none. Raises StateError for a file that is none."""
    try:
        return msgspec.json.decode(_path(home).read_bytes(), type=WaitingMove)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise StateError(f"{_path(home)}: is no move of an alias: {error}: delete it") from error


def put(home: Home, move: WaitingMove) -> None:
    """Let a move be served from now on."""
    write_atomically(_path(home), msgspec.json.encode(move))


def drop(home: Home) -> None:
    """MLflow knows, or somebody has moved the alias there meanwhile."""
    _path(home).unlink(missing_ok=True)


def overlaid(
    aliases: Mapping[str, str] | None, state: State | None, move: WaitingMove | None
) -> Mapping[str, str] | None:
    """The registry's aliases as they will be; what the state has where it was never reached (None)."""
    if move is None:
        return aliases
    if aliases is None:
        served = {} if state is None else state.versions
        aliases = {name[1:]: version for name, version in served.items() if name[0] == "@"}
    return {**aliases, move.alias: move.version}


def _path(home: Home) -> Path:
    return home.folder / "waiting_move.json"
