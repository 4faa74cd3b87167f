"""Decisions that become no rows are counted by the first reason that applies."""

import duckdb

from experiments.analysis.log_accounting import KIND, left_out, reason_of


class _Log:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection


def test_each_reason_once() -> None:
    """Forced before explored, without a unit before empty, and those that count not at all."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE decisions AS SELECT * FROM (VALUES "
        "('u1', {forced: true}, true, [1], 1), ('u2', {forced: false}, true, [1], 1), "
        "('', {forced: false}, false, [1], 1), (NULL, {forced: false}, false, [], 1), "
        "('u5', {forced: false}, false, [], 1), ('u6', {forced: false}, false, [1], 9), "
        "('u7', {forced: false}, false, [1], 1), ('u8', NULL, false, [1], 1)"
        ") AS rows(unit, arm, explored, slate, time), (SELECT 1.0 AS received)"
    )
    connection.execute(
        f"CREATE TABLE decided AS SELECT hash(unit) AS log_unit, received AS log_received, {reason_of(5.0)}::"
        f"{KIND} AS log_left FROM (SELECT *, unit AS randomised, arm AS drawn FROM decisions) "
        "WHERE drawn IS NOT NULL"
    )
    found = left_out(_Log(connection), "unit")  # type: ignore[arg-type]
    assert [(each.rows, each.reason.split(":")[0].split(" ")[0], each.example) for each in found] == [
        (1, "of", "u1"),
        (1, "explored", "u2"),
        (2, "without", ""),
        (1, "that", "u5"),
        (1, "too", "u6"),
    ]
