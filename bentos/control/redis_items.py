"""Whether Redis still has the items that are served: looked at now and then, and said."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from bentos.home.state import Home, read_state
from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import connect, meta_of
from models.catalogue.redis_upkeep import SAMPLE, eviction, missing, scarce

logger = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two looks
WAIT = 5.0  # seconds for an answer of Redis


class RedisItems:
    """Looks at the Redis at `url`; `problems` are what is wrong, as sentences, of the last look."""

    def __init__(self, home: Home, url: str, make: Callable[[str, float], Any] = connect) -> None:
        self.problems: tuple[str, ...] = ()
        self._home, self._url, self._make = home, url, make
        self._client: Any = None

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while True:
            self.look()
            if stop.wait(EVERY):
                return

    def look(self) -> None:
        """Look once. A Redis that does not answer is for others to tell: answers say so at once."""
        try:
            self.problems = tuple(self._found())
        except Exception as error:  # as where Redis is gone, or lets this user ask less
            self._client = None
            logger.warning("the items in Redis were not looked at: %s", error)

    def _found(self) -> list[str]:
        state = read_state(self._home.state)
        if state is None or state.distrusted:
            return []
        self._client = self._client or self._make(self._url, WAIT)
        drops = eviction(self._client)
        catalogue = Catalogue.open(self._home.catalogue / state.snapshot)
        found = missing(self._client, catalogue, SAMPLE)
        first = scarce(self._client, catalogue, found.missing / max(1, found.looked))
        then = "`ballast publish`" if first is None else f"{first}, then `ballast publish`"
        if not self._client.exists(meta_of(state.snapshot)):
            return [f"catalogue: Redis has no snapshot {state.snapshot}: {then}"]
        lost = (
            f"catalogue incomplete: Redis lacks {found.missing:,} of {found.looked:,} items of snapshot "
            f"{state.snapshot}: requests for them are answered in the fallback order: {then}"
        )
        return [*([lost] if found.missing else []), *([f"catalogue: {drops}"] if drops else [])]
