"""What was live when a change of the experiments was made; a change is refused if it no longer is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from bentos.home.journal import Event, decisions
from bentos.home.rollouts import as_served
from bentos.home.state import Home, State, StateError, read_state
from bentos.home.steward_report import last_word
from experiments.config.check import parse


class ChangeError(StateError):
    """A change that can't be made; the message says why."""


class Conflict(ChangeError):  # noqa: N818 - what HTTP calls it
    """Somebody changed the experiments meanwhile; `epoch` and `digest` are what is live now."""

    def __init__(self, message: str, epoch: int, digest: str) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.digest = digest


@dataclass(frozen=True)
class Base:
    """What a change is made against: the file's bytes, and the state's epoch and experiments."""

    content: bytes
    epoch: int
    digest: str


def base_of(home: Home, file: Path) -> Base:
    """What a change made now is made against. ChangeError where nothing is served yet."""
    refuse_following(home)
    state = state_of(home)
    return Base(content_of(file), state.epoch, state.experiments)


def refuse_moved(home: Home, base: Base, epoch: int | None = None) -> None:
    """Raises Conflict where `epoch`, or the digest that the base has, is no longer what is live."""
    state = state_of(home)
    if epoch is not None and epoch != state.epoch:
        raise Conflict(
            f"epoch: {state.epoch} is live, and the change was made against {epoch}: {_last(home, state)}",
            state.epoch,
            state.experiments,
        )
    if state.experiments != base.digest:
        raise Conflict(
            f"experiments: {state.experiments} is live, and the change was made against {base.digest}: "
            f"{_last(home, state)}",
            state.epoch,
            state.experiments,
        )


def refuse_unsettled(home: Home, file: Path, base: Base) -> None:
    """Raises Conflict where the file holds an edit that isn't live: a change would lose it unseen."""
    try:
        settled = as_served(home, parse(base.content.decode(), file.name)).digest == base.digest
    except ValueError:  # ConfigError and UnicodeDecodeError are such
        settled = False
    if not settled:
        raise Conflict(
            f"{file.name}: {edited(file)}, which is not live ({base.digest or 'nothing'} is); `ballast "
            "status` says why. Let it become live, or undo it, first",
            base.epoch,
            base.digest,
        )


def refuse_following(home: Home) -> None:
    """Changes are made where the leading Steward is: the others take up its file."""
    report = last_word(home, time.time()).report
    host = None if report is None else report.shared
    if host is None or host.role == "leads":
        return
    if not host.reachable:
        raise ChangeError("Redis does not answer: no host changes what is served until it does")
    at = host.holder or "nobody yet"
    raise ChangeError(f"this host does not lead: make the change where the Steward does, at {at}")


def state_of(home: Home) -> State:
    """What is live. ChangeError where nothing is served yet."""
    state = read_state(home.state)
    if state is None:
        raise ChangeError(f"nothing is live: {home.folder} has no state; start the service once")
    return state


def content_of(file: Path) -> bytes:
    """The file's bytes; none where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def edited(file: Path) -> str:
    """When and by whom the file was changed, or that it is gone: the end of a sentence about it."""
    if not file.exists():
        return "is gone"
    try:
        owner = file.owner()
    except KeyError:
        owner = f"user {file.stat().st_uid}"
    return f"holds an edit of {_when(file.stat().st_mtime)} by {owner}"


def _last(home: Home, state: State) -> str:
    """Who made live what is live, and when, as far as the journal knows."""
    others = {Event.SNAPSHOT, Event.CORRECTIONS}  # what they name after a change is no live.yaml
    moved = [each for each in decisions(home) if "after" in each and each["event"] not in others]
    latest = list(takewhile(lambda each: each["after"] == state.experiments, reversed(moved)))
    if not latest:
        return "nothing is known of who changed it"
    by = next((f"{each['event']} by {each['by']}: {each['reason']}" for each in latest if "by" in each), None)
    return f"{_when(latest[0]['time'])}, {by or 'an edit of the file'}"


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
