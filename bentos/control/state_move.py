"""The state is moved: what follows from all that is known is written for the workers, and journaled."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Set

from bentos.control import next_state
from bentos.control.guard.quantities import FILES
from bentos.control.heirs import heirs
from bentos.control.kept_bounds import KeptBounds
from bentos.control.loop_parts import Parts
from bentos.control.promotion.eligibility import UNDER_EXAMINATION, Eligibility, refused
from bentos.control.state_changes import Grounds, changes, stops_something
from bentos.home import waiting_move
from bentos.home.journal import Event
from bentos.home.state import State, read_state, write_state
from bentos.home.stops import Stop


class StateMover:
    """Moves one ranker's state. `versions` are those that serve or are wanted, as of the last move."""

    def __init__(self, parts: Parts) -> None:
        self.versions: set[str] = set()
        self._parts = parts
        self._bounds = KeptBounds(parts.home)
        self._moving = threading.Lock()  # the guard's thread moves the state too

    def move(self) -> list[str]:
        """Write the state that follows from what is known, where one does; what is wrong, as sentences.

        Asks nobody over a network. The guard's thread calls it too, when it has stopped something. Where this
        Steward doesn't lead, only what the guard stopped here changes.
        """
        parts = self._parts
        if parts.replica is not None and not parts.replica.holds():
            parts.replica.heed()
            self._bounds.keep(read_state(parts.home.state))
            return []
        with self._moving:
            parts.breaker.look()
            state = read_state(parts.home.state)
            wish = self._wish(state)
            self._keep_out(wish.snapshot)
            wants, problems = next_state.wanted(state, wish)
            settled, grounds = self._settle(state, wants, wish)
            after = self._advance(state, wish, settled, grounds)
            self._bounds.keep(after or state)
            parts.corrector.look(parts.ranker, set(settled.versions.values()))
        problems += [*settled.problems, *parts.catalogue.problems, *parts.breaker.problems()]
        waiting = waiting_move.read(parts.home)
        problems += [] if waiting is None else [waiting.sentence]
        return [*problems, *parts.corrector.problems, *_idle(state or after)]

    def _wish(self, state: State | None) -> next_state.Wish:
        parts, live = self._parts, self._parts.live.live
        served = None if state is None else state.snapshot
        packages = [] if state is None else [parts.home.version(each) for each in state.versions.values()]
        stopped, accepted = parts.breaker.active("snapshot"), parts.breaker.cleared("snapshot")
        aliases = waiting_move.overlaid(parts.aliases.seen, state, waiting_move.read(parts.home))
        champion = (aliases or {}).get("champion") if state is None else state.champion
        own = None if champion is None else parts.home.version(champion)
        return next_state.Wish(
            ranker=parts.ranker,
            aliases=aliases,
            named=() if live is None else live.models,
            experiments=parts.live.digest,
            snapshot=parts.catalogue.snapshot(served, packages, stopped, accepted, own),
            corrections=parts.corrector.wanted(),
        )

    def _keep_out(self, served: str | None) -> None:
        """Put on record a new snapshot whose columns are not those that are served."""
        new, parts = self._parts.catalogue.refused, self._parts
        if parts.breaker.refuse(new, served, parts.clock()) and new is not None:
            parts.journal.decided(Event.GUARD_STOPPED, new.why, kind="snapshot", subject=new.snapshot)

    def _settle(
        self, state: State | None, wants: Mapping[str, str], wish: next_state.Wish
    ) -> tuple[next_state.Settled, Grounds]:
        """What may serve, and why it may or may not."""
        self.versions = {*wants.values(), *([] if state is None else state.versions.values())}
        parts = self._parts
        stopped, snapshots = parts.breaker.active("version"), parts.breaker.active("snapshot")
        why = {version: f"the guard stopped it: {stop.why}" for version, stop in stopped.items()}
        expired = parts.examinations.expired(self.versions)
        eligible = self._eligible(state, wants, why)
        refusals = {version: each.refusal for version, each in eligible.items() if each.refusal is not None}
        grounds = Grounds(
            asked=wants,
            may={version: each.ground for version, each in eligible.items() if each.may_serve},
            out=refusals
            | parts.examinations.refusals(expired)
            | why
            | {each: f"the guard stopped the one before: {stop.why}" for each, stop in snapshots.items()},
            aliases={f"@{alias}" for alias in wish.aliases or {}},
        )
        gone = expired | stopped.keys()
        return next_state.settle(state, wants, eligible, gone, self._heirs(state, stopped, gone)), grounds

    def _heirs(self, state: State | None, stopped: Mapping[str, Stop], gone: Set[str]) -> list[str]:
        """Who takes over from a champion that was sound while its files were: the newest that passed."""
        stop = None if state is None else stopped.get(str(state.champion))
        if state is None or stop is None or stop.quantity != FILES:
            return []
        return heirs(self._parts.home, state, gone)

    def _eligible(
        self, state: State | None, wants: Mapping[str, str], stopped: Mapping[str, str]
    ) -> dict[str, Eligibility]:
        """Whether each wanted version may serve; what the guard stopped (version → why) needs no ruling.

        A first champion is settled first: the others are held to it.
        """
        parts, champion = self._parts, None if state is None else state.champion
        proven = parts.breaker.cleared("version")  # it served, and a person says that it may again
        if state is not None:
            proven |= {*state.versions.values(), *(each.version for each in state.previous)}
        found: dict[str, Eligibility] = {}
        for version in dict.fromkeys(wants.values()):
            if version in stopped:
                found[version] = refused(stopped[version])
            elif state is None and any(each.pending for each in found.values()):
                found[version] = UNDER_EXAMINATION
            else:
                found[version] = parts.examinations.eligibility(version, champion, proven)
        return found

    def _advance(
        self,
        state: State | None,
        wish: next_state.Wish,
        settled: next_state.Settled,
        grounds: Grounds,
    ) -> State | None:
        """The state that follows, written once workers' files are there; a stop waits for nothing."""
        parts, served = self._parts, {*settled.versions.values()}
        restrictions = parts.breaker.restrictions(served, parts.catalogue.distrusted)
        after = next_state.advance(state, wish, settled, parts.clock(), restrictions)
        if after is not None and (stops_something(state, after) or parts.preload.done(state, after)):
            write_state(parts.home.state, after)
            for event, why, facts in changes(state, after, grounds):
                parts.journal.decided(event, why, **facts)
        return after


def _idle(state: State | None) -> Iterator[str]:
    """Why nothing is served yet."""
    if state is None:
        yield "nothing is served yet: no version with the alias champion has passed the gate"
