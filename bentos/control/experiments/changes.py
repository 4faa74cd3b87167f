"""Changes the live experiments by writing their file, unless somebody else has changed them meanwhile.

This is compare-and-swap: a change names what was live when it was made (`Base`), and is refused if the file
or the state has changed since. A change goes into the file only, and the Steward makes the state follow the
file, so the two never disagree.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bentos.control.experiments.compare_and_swap import (
    Base,
    ChangeError,
    Conflict,
    base_of,
    content_of,
    edited,
    refuse_following,
    refuse_moved,
    state_of,
)
from bentos.home.journal import Event, append
from bentos.home.lock import Lock
from bentos.home.rollouts import as_served, read_courses, write_courses
from bentos.home.state import Home, write_atomically
from bentos.home.uptake import PATIENCE, problems_of, taken_up
from experiments.config.check import parse
from experiments.config.kill_switch import disabled, enabled
from experiments.rollout.course import resumed, stop_reasons


@dataclass(frozen=True)
class Change:
    """New text of the file, in the name of `by`, and why. `event` is the journal's word for it."""

    text: str
    by: str
    why: str
    event: Event = Event.EXPERIMENTS_APPLIED


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


def commit(  # noqa: PLR0913, PLR0917 - a change and all that it depends on
    home: Home, file: Path, base: Base, change: Change, epoch: int | None = None, patience: float = PATIENCE
) -> Applied:
    """Replace the file if nothing has moved since `base`, record who and why, and wait for all workers.

    Raises Conflict where something has moved, ConfigError for a text that doesn't hold, ChangeError where
    the file can't be written.
    """
    new = parse(change.text, file.name)
    with changing(home):
        if content_of(file) != base.content:
            raise Conflict(f"{file.name}: {edited(file)} since the change was begun", base.epoch, base.digest)
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
    return commit(home, file, base, Change(text, by, why, Event.EXPERIMENT_STOPPED))


def start(home: Home, file: Path, name: str, by: str, why: str) -> Applied:
    """Take an experiment's kill switch back, in the file itself. Raises as `commit` does."""
    base = base_of(home, file)
    text = enabled(base.content.decode(), name)
    if text.encode() == base.content:
        raise ChangeError(f"experiment: {name!r} runs already; ballast experiment resume is for a rollout")
    return commit(home, file, base, Change(text, by, why, Event.EXPERIMENT_STARTED))


def resume(  # noqa: PLR0913, PLR0917 - as above
    home: Home, file: Path, name: str, by: str, why: str, patience: float = PATIENCE
) -> Applied:
    """Let a rollout that was stopped by itself go on from where it was, judged by what happens from now on.

    Raises ChangeError for an experiment that was not stopped so.
    """
    refuse_following(home)
    with changing(home):
        live = parse(content_of(file).decode(), file.name)
        courses, before = read_courses(home), state_of(home)
        halted = stop_reasons(live, courses)
        if name not in halted:
            names = ", ".join(halted) or "none"
            raise ChangeError(f"resume: {name!r} was not stopped by itself; those that were: {names}")
        courses[name] = resumed(courses[name], time.time())
        write_courses(home, courses)
        after = as_served(home, live).digest
        change = Change("", by, why, Event.ROLLOUT_RESUMED)
        _record(home, change, {"experiment": name, "before": before.experiments, "after": after})
        return _awaited(home, before.experiments, after, patience)


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
    seconds = taken_up(home, after, patience)
    problems = () if seconds is not None else tuple(problems_of(home))
    return Applied(before, after, state_of(home).epoch, seconds, problems)


def _record(home: Home, change: Change, facts: dict[str, str]) -> None:
    said = {"by": change.by, "reason": change.why}
    append(home, change.event, f"{change.by}: {change.why}", time.time(), said | facts)


def _replace(file: Path, content: bytes) -> None:
    """In place of the file itself, where its name is a link; with the mode that it had."""
    real = file.resolve()
    try:
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o644
        write_atomically(real, content)
        real.chmod(mode)
    except OSError as error:
        raise ChangeError(f"{file}: can't be written: {error.strerror}") from error
