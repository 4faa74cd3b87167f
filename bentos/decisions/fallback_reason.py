"""A reason as clients get it: short, without paths, addresses or digests of the server."""

from __future__ import annotations

import re

LONGEST = 160  # characters
_INNER = re.compile(r"(?:^|[^\w.])[/~]\w|\w://|\b[0-9a-f]{32,}\b", re.IGNORECASE)


def for_clients(reason: str) -> str:
    """The reason up to the first part that says something of the server; `/status` and the journal have all.

    Parts end at ": " and "; ".
    """
    found = _INNER.search(reason)
    if found is None and len(reason) <= LONGEST:
        return reason
    end = LONGEST if found is None else min(found.start() + 1, LONGEST)
    cut = max(reason.rfind(": ", 0, end), reason.rfind("; ", 0, end))
    return reason[:cut] if cut > 0 else "unavailable"
