"""What differs between a state and the one that replaces it, as the journal says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from bentos.home.journal import Event
from bentos.home.state import CHAMPION, State


class StateChange(NamedTuple):
    """One line of the journal."""

    event: Event
    why: str
    facts: dict[str, Any]


def changes(before: State | None, after: State) -> Iterator[StateChange]:
    """Versions by reference, then experiments, snapshot and corrections; nothing for what stayed."""
    served = {} if before is None else before.versions
    for reference, version in after.versions.items():
        if served.get(reference) != version:
            facts = {"reference": reference, "version": version, "before": served.get(reference)}
            yield StateChange(Event.PROMOTED, _why(before, after, reference), facts | {"epoch": after.epoch})
    for reference in served.keys() - after.versions.keys():
        facts = {"reference": reference, "before": served[reference]}
        yield StateChange(Event.WITHDRAWN, "no longer named", facts | {"epoch": after.epoch})
    yield from _parts(before or State(0, after.ranker, "", {}), after)


def _parts(before: State, after: State) -> Iterator[StateChange]:
    for event, old, new in (
        (Event.EXPERIMENTS, before.experiments, after.experiments),
        (Event.SNAPSHOT, before.snapshot, after.snapshot),
        (Event.CORRECTIONS, before.corrections, after.corrections),
    ):
        if old != new:
            yield StateChange(event, "changed", {"before": old, "after": new, "epoch": after.epoch})


def stops_something(before: State | None, after: State | None) -> bool:
    """Whether something is stopped that served: workers are told of that at once."""
    if before is None or after is None:
        return False
    return after.distrusted not in {"", before.distrusted} or bool(
        after.stopped.keys() - before.stopped.keys()
    )


def _why(before: State | None, after: State, reference: str) -> str:
    if reference != CHAMPION or before is None:
        return "passed the gate"
    if before.champion in after.stopped:
        return "the guard stopped the one before"
    return "rolled back" if len(after.previous) < len(before.previous) else "passed the gate"
