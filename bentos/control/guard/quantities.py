"""The names of what the guard watches, and the type of what it observes of them.

Most quantities are means of observations in [0, 1] that have a limit (`monitoring.guard.quantity`). The exact
ones need neither mean nor limit: one difference is enough. The names stand in stops, evidence and reports on
disk.
"""

from __future__ import annotations

Observed = dict[str, list[float]]
"""Observations by the name of their quantity."""

# Of every answer (clock "seconds").
FALLBACK, UNSOUND, SLOW = "fallback", "unsound scores", "slow answers"
NO_SCORES = "no scores to be had"

# Of the share of answers that is scored once more (clock "minutes").
UNKNOWN = "unknown candidates"
TAILS = "scores in the tails"
APART = "order against the other version"

# Of explored answers once their outcomes are known (clock "hours").
ORDER = "order against outcomes"
TOO_LOW, TOO_HIGH = "scores too low", "scores too high"

ALL = "all versions"
"""Stands in place of a version's number where the guard watches what all versions share."""

OUTCOMES = "outcomes"
"""Under this name a fault is put on record that seems to be one of the outcomes, and of no version."""

# Exact: of what is on disk, and of served scores against it.
SERVED = "served scores"
FILES, CERTIFICATE = "files", "birth certificate"
SNAPSHOT, COLUMNS = "catalogue files", "catalogue columns"

# Endings of two quantities for each number of the context (clock "minutes"), and of one for each invariant.
_STILL, _OUTSIDE = " stands still", " out of range"
_BROKEN = " does not hold"
INVARIANTS = "context breaks an invariant"

# Endings of two quantities for each field of the context, of one for each that has few values, and of one for
# each that tells the time of day (clock "minutes").
_MISSING, _REPEATS = " is missing", " repeats one value"
_SPECIAL = " has special values"
_UNKNOWN = " has unknown values"
_CLOCK = " is not of the request's time of day"

# Of contexts that a reference was learnt of (clock "minutes").
GONE = "contexts that lack more fields than any before"
TOGETHER = "context fields that repeat values"
JOINT = "context fields that do not go together"
OWN = "contexts that belong to other candidates"
LATE = "contexts that come a request late"
CHANGE = "contexts that jump from one request to the next"


_ENDINGS = (_STILL, _OUTSIDE, _MISSING, _REPEATS, _UNKNOWN, _CLOCK)
CONTEXT = frozenset(
    (INVARIANTS, GONE, TOGETHER, JOINT, OWN, LATE, CHANGE, *(f"context{end}" for end in _ENDINGS))
)
"""Families of the context: a feed that fails shows in many of them, and who clears one has mended it."""


def still_of(name: str) -> str:
    """The quantity of a context feature that stands still.

    >>> still_of("delay_1h")
    'delay_1h stands still'
    """
    return f"{name}{_STILL}"


def range_of(name: str) -> str:
    """The quantity of a context feature out of range.

    >>> range_of("delay_1h")
    'delay_1h out of range'
    """
    return f"{name}{_OUTSIDE}"


def broken_of(invariant: str) -> str:
    """The quantity of a declared invariant that does not hold.

    >>> broken_of("context.late_1h <= 60")
    'context.late_1h <= 60 does not hold'
    """
    return f"{invariant}{_BROKEN}"


def missing_of(name: str) -> str:
    """The quantity of a context field that is missing.

    >>> missing_of("delay_1h")
    'delay_1h is missing'
    """
    return f"{name}{_MISSING}"


def repeats_of(name: str) -> str:
    """The quantity of a context field that is filled with one value.

    >>> repeats_of("delay_1h")
    'delay_1h repeats one value'
    """
    return f"{name}{_REPEATS}"


def special_of(name: str) -> str:
    """The quantity of a number of the context that is one of its declared special values.

    >>> special_of("months")
    'months has special values'
    """
    return f"{name}{_SPECIAL}"


def unknown_of(name: str) -> str:
    """The quantity of a field of the context whose values training had not.

    >>> unknown_of("country")
    'country has unknown values'
    """
    return f"{name}{_UNKNOWN}"


def clock_of(name: str) -> str:
    """The quantity of a number of the context that tells another time of day than the request's.

    >>> clock_of("hour")
    "hour is not of the request's time of day"
    """
    return f"{name}{_CLOCK}"


def family(quantity: str) -> str:
    """The name under which a fault of all versions is put on record.

    A feed that fails takes many context features along and is one fault, so these share a name.

    >>> family("delay_1h stands still"), family("fallback")
    ('context stands still', 'fallback')
    """
    if quantity.endswith(_BROKEN):
        return INVARIANTS
    for ending in (*_ENDINGS, _SPECIAL):
        if quantity.endswith(ending):
            return f"context{ending}"
    return quantity
