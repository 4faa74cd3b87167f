"""What each decision earned: its metrics, from where in its slate its outcomes fell.

Millions of slates are never laid out position by position: each outcome looks up its item's place in the
slate, and figures need no more than the places that have outcomes. Requests go by 64 bits of their ids here,
where an id has 32 bytes: of ten million any two share them in one of 400,000 logs (n²/2⁶⁵), and then two
decisions' outcomes are mixed up.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from experiments.config.live import Metric

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY = "hash(request_id)"
AT_ONCE = 2_500_000
"""Outcomes whose figures are worked out at once: lists of values are what DuckDB can't put on the disk."""


def create_figures(connection: "DuckDBPyConnection", metrics: Mapping[str, Metric], wanted: str) -> None:
    """The table `figures`: `key`, a column per metric and `backwards`, of decisions with outcomes.

    `metrics`: column (quoted) → metric; those of whole answers need no outcomes and are left out. `wanted`:
    SQL condition on decisions. `backwards`: the number of items whose outcomes are all older than the
    decision.
    """
    with right_in_memory(connection):
        connection.execute(_PLACED.format(key=KEY, wanted=wanted))
    [(outcomes,)] = connection.execute("SELECT count(*) FROM placed").fetchall()
    columns = "".join(f", {figure(each)} AS {name}" for name, each in metrics.items() if each.of_outcomes)
    parts = 1 + outcomes // AT_ONCE
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE figures AS {_FIGURES.format(columns=columns, part=0, parts=parts)}"
    )
    for part in range(1, parts):
        connection.execute(f"INSERT INTO figures {_FIGURES.format(columns=columns, part=part, parts=parts)}")
    connection.execute("DROP TABLE placed")


def figure(metric: Metric, side: str = "1") -> str:
    """SQL of one decision's figure over rows of its slate; NULL where there is none.

    All positions with outcomes must be among the rows; those without don't matter. `side`: SQL of a number
    by which each position's part counts; what is of a whole answer has no parts.
    """
    if metric.of == "fallback":
        return "CAST(any_value(fallback) IS NOT NULL AS DOUBLE)"
    if metric.of == "latency":
        return "any_value(seconds)"
    top = metric.at or 100_000
    if metric.of == "reward":
        inside = f"FILTER (position < {top})"
        return f"sum(value * {side}) {inside} / nullif(count(value) {inside}, 0)"
    worth = "greatest({v}, 0)" if metric.gain == "linear" else "(pow(2, least(greatest({v}, 0), 31)) - 1)"
    gain = f"{worth} / log2({{k}} + 1)"
    earned = f"sum({gain.format(v='value', k='(position + 1)')} * {side}) FILTER (position < {top})"
    best = (
        "list_sum(list_transform(list_reverse_sort(list(value) FILTER (value IS NOT NULL))"
        f"[:{top}], lambda v, k: {gain.format(v='v', k='k')}))"
    )
    return f"coalesce({earned}, 0) / nullif({best}, 0)"


@contextmanager
def right_in_memory(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Joins keep the right side in memory, as written. By row counts alone DuckDB would often take the
    decisions, whose rows are ten times as large, and join by way of the disk."""
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


_PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
SELECT key, position, if(position IS NULL, NULL, value) AS value, known, known < time AS older
FROM (
    SELECT key, time, value, known,
        (list_position(slate, list_position(candidates, item) - 1) - 1)::INTEGER AS position
    FROM (SELECT if({wanted}, {key}, NULL) AS key, time, candidates, slate FROM decisions)
    JOIN (SELECT {key} AS key, item, value, time AS known FROM told) USING (key)
)"""

_FIGURES = """
SELECT key{columns}, count(*) FILTER (older AND position IS NOT NULL)::USMALLINT AS backwards
FROM (
    SELECT key, position, arg_max(value, known) AS value, bool_and(older) AS older
    FROM placed WHERE hash(key) % {parts} = {part} GROUP BY key, position
)
GROUP BY key"""
