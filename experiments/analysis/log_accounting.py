"""Which of the log's decisions of an experiment become no rows of its analysis, and why."""

from experiments.analysis.question import LeftOut
from experiments.analysis.sql_names import text_of
from monitoring.log.window import LogWindow

REASONS = {
    "forced": "of units that a person put into their arm",
    "explored": "explored: their order was drawn by chance",
    "no_unit": "without a unit",
    "empty": "that served nothing",
    "young": "too young for their outcomes to have become known",
}
"""The first that applies to a decision, in this order."""
KIND = f"ENUM({', '.join(map(text_of, REASONS))})"
"""SQL type of a reason: a byte each."""


def reason_of(newest: float) -> str:
    """SQL of the reason for a decision with its unit `randomised` and its arm `drawn`; NULL where it counts.

    `newest`: unix seconds after which a decision is too young.
    """
    return _REASON.format(newest=f"'{newest!r}'::DOUBLE")


def left_out(log: LogWindow, unit: str) -> tuple[LeftOut, ...]:
    """Counts by reason out of the table `decided`, with the unit of the first that arrived.

    `unit`: SQL of what is randomised.
    """
    counted = log.connection.execute(_COUNTED).fetchall()
    found = {reason: (rows, _named(log, unit, at, key)) for reason, rows, at, key in counted}
    return tuple(LeftOut(told, *found[reason]) for reason, told in REASONS.items() if reason in found)


def _named(log: LogWindow, unit: str, received: float, key: int) -> object:
    """A unit's name, which `decided` has only 64 bits of."""
    query = f"SELECT {unit} FROM decisions WHERE received = ? AND hash({unit}) = ? LIMIT 1"  # noqa: S608
    found = log.connection.execute(query, [received, key]).fetchall()
    return found[0][0] if found else None


_REASON = """CASE
        WHEN drawn.forced THEN 'forced'
        WHEN explored THEN 'explored'
        WHEN coalesce(randomised, '') = '' THEN 'no_unit'
        WHEN len(slate) = 0 THEN 'empty'
        WHEN time > {newest} THEN 'young'
    END"""

_COUNTED = """
SELECT log_left::VARCHAR, count(*), min(log_received), arg_min(log_unit, log_received)
FROM decided WHERE log_left IS NOT NULL GROUP BY 1"""
