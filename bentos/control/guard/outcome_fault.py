"""Whether outcomes are suspected before a version is: they have turned, and nothing else has. Pure.

A version's scores are proven bit for bit, and it showed in training that they go with outcomes. Where its
order is suddenly worse than chance, either the world has turned, or the feed that tells outcomes has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bentos.control.guard.pair import DOUBT, Repute
from bentos.control.guard.quantities import ORDER
from monitoring.guard.watch import Trip

DAY = 86400.0  # seconds of event time by which a change may be dated too late
ENOUGH = 10  # observations since the change without which a version has no word in it
TURNING = 0.3  # share of the evidence for a stop from which a version was off already
CHANCE = 0.5
MANIFOLD = 2.0  # times its limit, from which an excess is a turn

Report = Mapping[str, Mapping[str, Any]]
"""By quantity, where it stands: as `monitoring.guard.guard.Guard.report` has it."""


def suspicion(trip: Trip, others: Mapping[str, Report], own: Report, shared: Report, repute: Repute) -> str:
    """Why outcomes are suspected rather than the version that tripped; "" where they are not.

    `others` are the reports of the other versions that serve or were stopped for the same, with what was
    observed since the change as `lately` (count, mean); `own` and `shared` that of the version and of what
    all share, `repute` the version's.
    """
    words = {version: report for version, report in others.items() if _has_word(trip, report)}
    if words:
        if not all(_turned(trip, report) for report in words.values()):
            return ""
        every = ", ".join(sorted((trip.version, *words)))
        return f"it came to all versions ({every}) at once"
    if not (repute.passed and repute.leads and _turns(trip)) or _disturbed((own, shared)):
        return ""
    return f"version {trip.version} passed the gate and leads; its scores and features stay as they were"


def _has_word(trip: Trip, report: Report) -> bool:
    count, _ = report.get(trip.quantity, {}).get("lately", (0, 0.0))
    return bool(count >= ENOUGH)


def _turned(trip: Trip, report: Report) -> bool:
    """Whether its outcomes since then are off too, and were not before: few are enough beside another's."""
    row = report[trip.quantity]
    limit, change = row.get("limit"), row.get("change")
    before = change is not None and row["evidence"] >= TURNING and change["since"] < trip.since - DAY
    return limit is not None and row["lately"][1] > _off(trip.quantity, limit) and not before


def _off(quantity: str, limit: float) -> float:
    """The mean over which outcomes have turned."""
    return CHANCE if quantity == ORDER else CHANCE + MANIFOLD * (limit - CHANCE)


def _turns(trip: Trip) -> bool:
    """Whether it is worse than chance, or far off; a lead that fades is the version's."""
    return trip.mean > _off(trip.quantity, trip.limit)


def _disturbed(reports: Iterable[Report]) -> bool:
    """Whether scores or features are not what they were, or may soon be found so."""
    rows = (row for report in reports for row in report.values() if row.get("clock") != "hours")
    return any((row.get("evidence") or 0.0) >= DOUBT for row in rows)
