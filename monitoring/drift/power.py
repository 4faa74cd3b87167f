"""What a comparison would have found, had it been there."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.drift.columns import ColumnDrift, Drift

NORMAL = 0.564
"""Rank distance of two normal distributions, a standard deviation apart or less: 1/√π for each."""

UNITS = {
    "numeric": (NORMAL, "{:.2f}", "standard deviations in a number"),
    "categorical": (1.0, "{:.0%}", "of the rows in a category"),
}


def power(drift: Drift) -> str:
    """The shifts that are found four times of five, in the surest column and in the least sure one."""
    found = [
        _span([column for column in drift.columns if column.kind == kind], *unit)
        for kind, unit in UNITS.items()
    ]
    said = " and ".join(filter(None, found))
    return f"Found four times of five would be a shift of {said}." if said else ""


def _span(columns: Sequence[ColumnDrift], per: float, figure: str, unit: str) -> str:
    if not columns:
        return ""
    surest, least_sure = (pick(columns, key=lambda column: column.seen) for pick in (min, max))
    low, high = (figure.format(column.seen / per) for column in (surest, least_sure))
    return (
        f"{low} {unit}" if low == high else f"{low} ({surest.column}) to {high} ({least_sure.column}) {unit}"
    )
