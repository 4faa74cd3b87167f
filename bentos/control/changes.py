"""A change of the live experiments, through their file: checked against what it was made for, locked, told.

Compare-and-swap: a change names what it was made against (`Base`), and is refused when the file or the state
has moved since. File and state never disagree, since the file is the only way in: the Steward follows it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import orjson

from bentos.control.courses import as_served, read_courses, write_courses
from bentos.control.journal import append, decisions, journal_path
from bentos.control.lock import Lock
from bentos.state import Home, State, StateError, read_acks, read_state, write_atomically
from experiments.check import parse
from experiments.config import Live
from experiments.course import resumed, stopped
from experiments.edit import disabled

PATIENCE = 15.0  # seconds for another change to end, and for the Steward and all workers to take this one up


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


@dataclass(frozen=True)
class Change:
    """New text of the file, in the name of `by`, and why. `event` is the journal's word for it."""

    text: str
    by: str
    why: str
    event: str = "experiments applied"


@dataclass(frozen=True)
class Applied:
    """What came of it: digests, the epoch that serves, and the seconds until every worker had taken it up.

    `seconds` is None where that did not happen in time; `problems` are then the Steward's and the workers'.
    """

    before: str
    after: str
    epoch: int
    seconds: float | None
    problems: tuple[str, ...] = ()


def base_of(home: Home, file: Path) -> Base:
    """What a change made now is made against. ChangeError where nothing is served yet."""
    _refuse_following(home)
    state = _state(home)
    try:
        return Base(file.read_bytes(), state.epoch, state.experiments)
    except FileNotFoundError:
        return Base(b"", state.epoch, state.experiments)


def live_under(home: Home, digest: str) -> Live:
    """The compiled file of a digest; an empty one for "". ChangeError where it is missing."""
    if not digest:
        return Live()
    try:
        return Live.from_json(home.compiled(digest).read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise ChangeError(f"{home.compiled(digest)}: can't be read, and is what is live: {error}") from error


def refuse_moved(home: Home, base: Base, epoch: int | None = None) -> None:
    """Raises Conflict where `epoch`, or the digest that the base has, is no longer what is live."""
    state = _state(home)
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
            f"{file.name}: {_edited(file)}, which is not live ({base.digest or 'nothing'} is); `ballast "
            "status` says why. Let it become live, or undo it, first",
            base.epoch,
            base.digest,
        )


def commit(  # noqa: PLR0913, PLR0917 - a change and all that it depends on
    home: Home, file: Path, base: Base, change: Change, epoch: int | None = None, patience: float = PATIENCE
) -> Applied:
    """Replace the file if nothing has moved since `base`, record who and why, and wait for all workers.

    Raises Conflict where something has moved, ConfigError for a text that doesn't hold, ChangeError where
    the file can't be written.
    """
    new = parse(change.text, file.name)
    with changing(home):
        if _content(file) != base.content:
            raise Conflict(
                f"{file.name}: {_edited(file)} since the change was begun", base.epoch, base.digest
            )
        refuse_moved(home, base, epoch)
        _replace(file, change.text.encode())
        after = as_served(home, new).digest
        _record(home, change, {"before": base.digest, "after": after})
        return _awaited(home, base.digest, after, patience)


def stop(home: Home, file: Path, name: str, by: str, why: str) -> Applied:
    """Throw an experiment's kill switch, in the file itself. Raises as `commit` does."""
    base = base_of(home, file)
    text = disabled(base.content.decode(), name)
    if text.encode() == base.content:
        raise ChangeError(f"experiment: {name!r} is stopped already")
    return commit(home, file, base, Change(text, by, why, "experiment stopped"))


def resume(  # noqa: PLR0913, PLR0917 - as above
    home: Home, file: Path, name: str, by: str, why: str, patience: float = PATIENCE
) -> Applied:
    """Let a rollout that was stopped by itself go on from where it was, judged by what happens from now on.

    Raises ChangeError for an experiment that was not stopped so.
    """
    _refuse_following(home)
    with changing(home):
        live, courses, before = parse(_content(file).decode(), file.name), read_courses(home), _state(home)
        halted = stopped(live, courses)
        if name not in halted:
            names = ", ".join(halted) or "none"
            raise ChangeError(f"resume: {name!r} was not stopped by itself; those that were: {names}")
        courses[name] = resumed(courses[name], time.time())
        write_courses(home, courses)
        after = as_served(home, live).digest
        change = Change("", by, why, "rollout resumed")
        _record(home, change, {"experiment": name, "before": before.experiments, "after": after})
        return _awaited(home, before.experiments, after, patience)


def _refuse_following(home: Home) -> None:
    """Changes are made where the leading Steward is: the others take up its file."""
    shared = _report(home).get("shared") or {}
    if shared.get("role", "leads") != "leads":
        at = shared.get("holder") or "nobody: Redis does not answer"
        raise ChangeError(f"this host does not lead: make the change where the Steward does, at {at}")


def _report(home: Home) -> dict[str, Any]:
    try:
        return dict(orjson.loads(home.steward.read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}


def _record(home: Home, change: Change, facts: dict[str, str]) -> None:
    said = {"by": change.by, "reason": change.why}
    append(journal_path(home), change.event, f"{change.by}: {change.why}", time.time(), said | facts)


@contextmanager
def changing(home: Home, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock that every change of the experiments takes. ChangeError where it isn't free in time."""
    lock = Lock(home.folder / "experiments.lock")
    deadline = time.monotonic() + patience
    while not lock.take():
        if time.monotonic() > deadline:
            raise ChangeError(
                f"experiments: another change has been under way for {patience:.0f} s; try again"
            )
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()


def _awaited(home: Home, before: str, after: str, patience: float) -> Applied:
    started = time.monotonic()
    while not _acknowledged(home, after):
        if time.monotonic() - started > patience:
            return Applied(before, after, _state(home).epoch, None, tuple(_problems(home)))
        time.sleep(0.02)
    return Applied(before, after, _state(home).epoch, round(time.monotonic() - started, 2))


def _acknowledged(home: Home, digest: str) -> bool:
    rankers = [ack for ack in read_acks(home.acks) if ack.kind == "ranker"]
    return bool(rankers) and all(ack.experiments == digest and not ack.problem for ack in rankers)


def _problems(home: Home) -> Iterator[str]:
    acks = read_acks(home.acks)
    if not any(ack.kind == "ranker" for ack in acks):
        yield "no worker is running"
    yield from (ack.problem for ack in acks if ack.problem)
    report = _report(home)
    if not report:
        yield "the Steward has not run yet"
        return
    age = time.time() - float(report.get("time", 0))
    if age > PATIENCE:
        yield f"the Steward was last seen {age:.0f} s ago"
    yield from report.get("problems", [])


def _state(home: Home) -> State:
    state = read_state(home.state)
    if state is None:
        raise ChangeError(f"nothing is live: {home.folder} has no state; start the service once")
    return state


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _replace(file: Path, content: bytes) -> None:
    """In place of the file itself, where its name is a link; with the mode that it had."""
    real = file.resolve()
    try:
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o644
        write_atomically(real, content)
        real.chmod(mode)
    except OSError as error:
        raise ChangeError(f"{file}: can't be written: {error.strerror}") from error


def _last(home: Home, state: State) -> str:
    """Who made live what is live, and when, as far as the journal knows."""
    moved = [each for each in decisions(home) if "after" in each and each["event"] != "snapshot"]
    latest = list(takewhile(lambda each: each["after"] == state.experiments, reversed(moved)))
    if not latest:
        return "nothing is known of who changed it"
    by = next((f"{each['event']} by {each['by']}: {each['reason']}" for each in latest if "by" in each), None)
    return f"{_when(latest[0]['time'])}, {by or 'an edit of the file'}"


def _edited(file: Path) -> str:
    if not file.exists():
        return "is gone"
    try:
        owner = file.owner()
    except KeyError:
        owner = f"user {file.stat().st_uid}"
    return f"holds an edit of {_when(file.stat().st_mtime)} by {owner}"


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
