"""What differs between a state and the one that replaces it, as the journal says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bentos.home.journal import Event
from bentos.home.state import CHAMPION, State


class StateChange(NamedTuple):
    """One line of the journal."""

    event: Event
    why: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Grounds:
    """Why what serves may, and what does not may not. `asked` are the versions that people named.

    `may` says of a version why it may serve, `out` of a version or a snapshot why it may not; `aliases` are
    those that the registry has, with "@".
    """

    asked: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)
    out: Mapping[str, str] = field(default_factory=dict)
    aliases: Set[str] = frozenset()


def changes(before: State | None, after: State, grounds: Grounds) -> Iterator[StateChange]:
    """Versions by reference, then experiments, snapshot and corrections; nothing for what stayed."""
    served = {} if before is None else before.versions
    for reference, version in after.versions.items():
        if served.get(reference) != version:
            facts = {"reference": reference, "version": version, "before": served.get(reference)}
            yield StateChange(
                Event.PROMOTED, _why(before, after, reference, grounds), facts | {"epoch": after.epoch}
            )
    for reference in served.keys() - after.versions.keys():
        facts = {"reference": reference, "before": served[reference]}
        why = grounds.out.get(served[reference]) or _unnamed(reference, grounds)
        yield StateChange(Event.WITHDRAWN, why, facts | {"epoch": after.epoch})
    yield from _parts(before or State(0, after.ranker, "", {}), after, grounds)


def _parts(before: State, after: State, grounds: Grounds) -> Iterator[StateChange]:
    for event, old, new in (
        (Event.EXPERIMENTS, before.experiments, after.experiments),
        (Event.SNAPSHOT, before.snapshot, after.snapshot),
        (Event.CORRECTIONS, before.corrections, after.corrections),
    ):
        if old != new:
            why = grounds.out.get(str(old), "changed") if event is Event.SNAPSHOT else "changed"
            yield StateChange(event, why, {"before": old, "after": new, "epoch": after.epoch})


def stops_something(before: State | None, after: State | None) -> bool:
    """Whether something is stopped that served: workers are told of that at once."""
    if before is None or after is None:
        return False
    return after.distrusted not in {"", before.distrusted} or bool(
        after.stopped.keys() - before.stopped.keys()
    )


def _why(before: State | None, after: State, reference: str, grounds: Grounds) -> str:
    """Why a reference has another version now."""
    version = after.versions[reference]
    old = None if before is None else before.versions.get(reference)
    asked = grounds.asked.get(reference, version)
    if before is not None and version != asked:
        why = grounds.out.get(str(old)) or grounds.out.get(asked, "it may not serve")
        return f"in the place of version {old}: {why}"
    may = grounds.may.get(version, "it served before")
    if before is not None and version in before.stopped.keys() - after.stopped.keys():
        return f"the guard no longer stops it; {may}"
    back = before is not None and reference == CHAMPION and len(after.previous) < len(before.previous)
    return f"rolled back; {may}" if back else may


def _unnamed(reference: str, grounds: Grounds) -> str:
    """Why nobody asks for a reference any more."""
    if reference[0] == "@" and reference not in grounds.aliases:
        return f"the alias {reference[1:]} is gone from the registry"
    return "no experiment names it any more"
