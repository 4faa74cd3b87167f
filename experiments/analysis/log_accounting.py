"""Which of the log's decisions of an experiment become no rows of its analysis, and why."""

from experiments.analysis.question import LeftOut
from monitoring.log.window import LogWindow

REASONS = {
    "forced": "of units that a person put into their arm",
    "explored": "explored: their order was drawn by chance",
    "no_unit": "without a unit",
    "empty": "that served nothing",
    "young": "too young for their outcomes to have become known",
}
"""The first that applies to a decision, in this order."""


def left_out(log: LogWindow, drawn: str, unit: str, newest: float) -> tuple[LeftOut, ...]:
    """Counts by reason. `drawn` and `unit`: SQL of a decision's arm and of what is randomised; `newest`: unix
    seconds after which a decision is too young."""
    counted = log.connection.execute(_COUNTED.format(drawn=drawn, unit=unit), [newest]).fetchall()
    found = {reason: (rows, example) for reason, rows, example in counted}
    return tuple(LeftOut(told, *found[reason]) for reason, told in REASONS.items() if reason in found)


_COUNTED = """
SELECT reason, count(*), min(randomised) FROM (
    SELECT randomised, CASE
        WHEN drawn.forced THEN 'forced'
        WHEN explored THEN 'explored'
        WHEN coalesce(randomised, '') = '' THEN 'no_unit'
        WHEN len(slate) = 0 THEN 'empty'
        WHEN time > ? THEN 'young'
    END AS reason
    FROM (SELECT explored, slate, time, {unit} AS randomised, {drawn} AS drawn FROM decisions)
    WHERE drawn IS NOT NULL
)
WHERE reason IS NOT NULL GROUP BY 1"""
