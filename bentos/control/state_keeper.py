"""Keeps state.json whole: damaged or deleted, it is written again from the last good one, and said."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bentos.home.journal import Event, Journal
from bentos.home.state import FileWatch, Home, kept_beside, read_state, state_damage, write_state

logger = logging.getLogger(__name__)

SAID = 600.0  # seconds for which it is a problem, after it has been mended


class StateKeeper:
    """Looks at one home's state; `clock` gives unix seconds."""

    def __init__(self, home: Home, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._home, self._journal, self._clock = home, journal, clock
        self._watch = FileWatch(home.state)
        self._said = ""
        self._until = 0.0

    def look(self) -> list[str]:
        """Mend what must be; what was wrong lately, as sentences. One `stat` while nothing changes."""
        if self._watch.changed() or not self._home.state.exists():
            self._mend()
        return [self._said] if self._clock() < self._until else []

    def _mend(self) -> None:
        path = self._home.state
        good, damage = read_state(path), state_damage(path)
        if good is None or (damage is None and kept_beside(path).exists()):
            return
        write_state(path, good)  # also where an earlier release kept none beside
        self._watch.changed()
        if damage is not None:
            self._said = f"{damage}: it was written again from the last good one, epoch {good.epoch}"
            self._until = self._clock() + SAID
            self._journal.decided(Event.STATE_RESTORED, damage, epoch=good.epoch)
            logger.error("%s", self._said)
