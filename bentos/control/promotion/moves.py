"""What people ask for: promote, roll back, judge again, override. Each is recorded with a name."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import msgspec

from bentos.home.journal import Event, append
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home, StateError, read_state
from models.gate.verdict import Override
from models.registry import Registry


class MoveError(StateError):
    """A move that can't be made; the message says why."""


@dataclass(frozen=True)
class AliasMoves:
    """Moves of one ranker's aliases, in the name of `by`. Its methods raise RegistryUnavailable."""

    registry: Registry
    home: Home
    ranker: str
    by: str

    def promote(self, version: str, alias: str = "champion") -> None:
        """Point `alias` (champion or challenger) at a version; the Steward gates it before it serves.

        Raises NotRegistered for an unknown version.
        """
        before = self.registry.aliases(self.ranker).get(alias)
        self.registry.set_alias(self.ranker, alias, version)
        _record(self.home, Event.ASKED, f"{self.by}: promote", alias=alias, version=version, before=before)

    def rollback(self) -> str:
        """Point the champion's alias back at the version that served before; returns that version's number.

        Raises MoveError where none served before.
        """
        state = read_state(self.home.state)
        if state is None or not state.previous:
            none = (
                "no version has served" if state is None else f"none served before version {state.champion}"
            )
            raise MoveError(f"{self.ranker}: there is nothing to go back to: {none}")
        version = state.previous[-1].version
        self.registry.set_alias(self.ranker, "champion", version)
        facts = {"alias": "champion", "version": version, "before": state.champion}
        _record(self.home, Event.ASKED, f"{self.by}: roll back", **facts)
        return version


def override(home: Home, version: str, by: str, reason: str, until: float) -> Ruling:
    """Let a held or rejected version serve until a time (unix seconds), in a person's name and for a reason.

    Raises MoveError for a version without a ruling, an empty name or reason, a time that is past.
    """
    now = time.time()
    if not by.strip() or not reason.strip():
        raise MoveError("override: it needs the name of who answers for it, and a reason")
    if until <= now:
        raise MoveError(f"override: until {until:.0f} is past: it must end after now, {now:.0f}")
    ruling = Rulings.of(home).get(version)
    if ruling is None:
        raise MoveError(
            f"override: version {version} has not been judged: run `ballast gate {version}` first"
        )
    changed = msgspec.structs.replace(ruling, override=Override(by, reason, now, until), told=False)
    Rulings.of(home).put(changed)
    _record(home, Event.OVERRIDE, f"{by}: {reason}", version=version, until=until)
    return changed


def withdraw_override(home: Home, version: str, by: str) -> None:
    """End an override now. Raises MoveError where there is none."""
    ruling = Rulings.of(home).get(version)
    if ruling is None or ruling.override is None:
        raise MoveError(f"override: there is none on version {version}")
    Rulings.of(home).put(msgspec.structs.replace(ruling, override=None, told=False))
    _record(home, Event.OVERRIDE_WITHDRAWN, by, version=version)


def _record(home: Home, event: Event, why: str, **facts: Any) -> None:
    append(home, event, why, time.time(), facts)
