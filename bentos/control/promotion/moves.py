"""What people ask for: promote, roll back, judge again, override. Each is recorded with a name."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import msgspec

from bentos.home.journal import Event, append
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home, StateError, read_state
from bentos.home.steward_report import last_word, read_report
from bentos.home.waiting_move import WaitingMove, drop, put, read
from models.gate.verdict import Override
from models.registry import Registry, RegistryUnavailable


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
        before = self.alias(alias)
        self.registry.set_alias(self.ranker, alias, version)
        _record(self.home, Event.ASKED, f"{self.by}: promote", alias=alias, version=version, before=before)

    def known_alias(self, alias: str, otherwise: str | None = None) -> str | None:
        """As `alias`; where the registry does not answer, as last moved or seen here, else `otherwise`."""
        if not self._registry_is_away():
            try:
                return self.alias(alias)
            except RegistryUnavailable:
                pass
        waiting, report = read(self.home), read_report(self.home)
        if waiting is not None and waiting.alias == alias:
            return waiting.version
        return otherwise if report is None else report.aliases.get(alias, otherwise)

    def alias(self, alias: str) -> str | None:
        """The version that an alias points at now; None where there is no such alias."""
        return self.registry.aliases(self.ranker).get(alias)

    def put_back(self, alias: str, version: str, before: str | None) -> str | None:
        """Point an alias away from a version that was refused, so that it can't serve later, unasked.

        Back to the version that has the alias in what serves, else to `before`; where nothing ever did, the
        champion's stays, and any other goes. Returns the version that it points at then; nothing is moved
        where somebody has moved the alias meanwhile.
        """
        state = read_state(self.home.state)
        to = (None if state is None else state.versions.get(f"@{alias}")) or before
        now = self.alias(alias)
        if now != version or to == version or (to is None and alias == "champion"):
            return now
        if to is None:
            self.registry.delete_alias(self.ranker, alias)
        else:
            self.registry.set_alias(self.ranker, alias, to)
        why = f"version {version} may not serve: its alias goes back, in the name of {self.by}"
        _record(self.home, Event.ASKED, why, alias=alias, version=to, before=version)
        return to

    def way_back(self) -> str:
        """The version that a rollback leads to.

        Where the alias points at a version that does not serve, that is the champion that serves; else the
        last one before it that may serve. Raises MoveError where there is none.
        """
        state = read_state(self.home.state)
        if state is None or state.champion is None:
            raise MoveError(f"{self.ranker}: there is nothing to go back to: no version has served")
        if (
            state.champion not in state.stopped
            and self.known_alias("champion", state.champion) != state.champion
        ):
            return state.champion
        for before in reversed(state.previous):
            if before.version not in state.stopped and not _override_ended(self.home, before.version):
                return before.version
        none = f"none served before version {state.champion}"
        if state.previous:
            none = f"none of those that served before version {state.champion} may serve"
        raise MoveError(f"{self.ranker}: there is nothing to go back to: {none}")

    def rollback(self) -> str:
        """Point the champion's alias at the version that `way_back` names, and return that version.

        Where the registry does not answer, this host serves it all the same, at once; the Steward tells the
        registry when it answers again. Raises MoveError where another host's Steward leads.
        """
        version, before = self.way_back(), self.known_alias("champion")
        facts = {"alias": "champion", "version": version, "before": before}
        if self._registry_is_away() or not self._told(version):
            self._must_lead()
            put(self.home, WaitingMove("champion", version, before, self.by, time.time()))
            facts["waits"] = "MLflow does not answer"
        _record(self.home, Event.ASKED, f"{self.by}: roll back", **facts)
        return version

    def _registry_is_away(self) -> bool:
        """Whether the Steward has just failed to reach it: asking would take seconds."""
        word = last_word(self.home, time.time())
        found = None if word.report is None else word.report.registry
        return word.alive and found is not None and found.since > 0 and not found.reachable

    def _told(self, version: str) -> bool:
        try:
            self.registry.set_alias(self.ranker, "champion", version)
        except RegistryUnavailable:
            return False
        drop(self.home)
        return True

    def _must_lead(self) -> None:
        report = read_report(self.home)
        shared = None if report is None else report.shared
        if shared is not None and shared.role != "leads":
            raise MoveError(
                f"{self.ranker}: MLflow does not answer, and this host follows {shared.holder or 'nobody'}: "
                "run it on the host whose Steward leads"
            )


def override(home: Home, version: str, by: str, reason: str, until: float) -> Ruling:
    """Let a held or rejected version serve until a time (unix seconds), in a person's name and for a reason.

    Raises MoveError for a version without a ruling, an empty name or reason, a time that is past, and for one
    that names a function which may not be imported: it could not be loaded.
    """
    now = time.time()
    if not by.strip() or not reason.strip():
        raise MoveError("override: it needs the name of who answers for it, and a reason")
    if until <= now:
        raise MoveError(f"override: until {until:.0f} is past: it must end after now, {now:.0f}")
    _must_be_loadable(home, version)
    changed = Rulings.of(home).overridden(version, Override(by, reason, now, until))
    if changed is None:
        raise MoveError(
            f"override: version {version} has not been judged: run `ballast gate {version}` first"
        )
    _record(home, Event.OVERRIDE, f"{by}: {reason}", version=version, until=until)
    return changed


def _must_be_loadable(home: Home, version: str) -> None:
    """Raises MoveError for a version that names a function which is not imported, whoever answers for it."""
    ruling = Rulings.of(home).get(version)
    for check in () if ruling is None else ruling.verdict.checks:
        if check.name == "functions" and check.result:
            raise MoveError(
                f"override: version {version}: {check.sentence}; an override does not change that"
            )


def withdraw_override(home: Home, version: str, by: str) -> None:
    """End an override now. Raises MoveError where there is none."""
    ruling = Rulings.of(home).get(version)
    if ruling is None or ruling.override is None or not ruling.overridden(time.time()):
        raise MoveError(f"override: there is none on version {version}")
    # An override that has ended, and not none at all: what served by it goes, as it does when time is up.
    Rulings.of(home).overridden(version, msgspec.structs.replace(ruling.override, until=0.0))
    _record(home, Event.OVERRIDE_WITHDRAWN, by, version=version)


def _override_ended(home: Home, version: str) -> bool:
    """Whether a version only served by an override that is over. What served with a ruling once may again."""
    ruling = Rulings.of(home).get(version)
    return ruling is not None and ruling.override is not None and not ruling.serves(time.time())


def _record(home: Home, event: Event, why: str, **facts: Any) -> None:
    append(home, event, why, time.time(), facts)
