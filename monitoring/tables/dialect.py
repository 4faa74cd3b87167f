"""How a csv is written: what lies between values, and which words mean that there is none."""

from __future__ import annotations

from dataclasses import dataclass

EMPTY = frozenset({""})
NO_NUMBERS = EMPTY | {
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
}  # fmt: skip
"""What tools write where a number is missing. Between numbers none of them can mean anything else."""


@dataclass(frozen=True)
class CsvDialect:
    """`missing` None: an empty cell, and between numbers and times also the usual words (NA, null, nan …).

    Given, these words mean missing in every column, and no others do, but for the empty cell.
    """

    separator: str = ","
    encoding: str = "utf-8"
    missing: tuple[str, ...] | None = None
    decimal: str = "."

    @property
    def no_text(self) -> frozenset[str]:
        """The words that mean missing among names."""
        return EMPTY.union(self.missing or ())

    @property
    def no_number(self) -> frozenset[str]:
        """The words that mean missing among numbers and times."""
        return NO_NUMBERS if self.missing is None else self.no_text
