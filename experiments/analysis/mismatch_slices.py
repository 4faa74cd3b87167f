"""Mismatch within slices, the worst first: that is how its cause is found.

Units are sliced by what they were when first seen, and by when that was: one tenth of them after another.
p-values are multiplied by the number of slices (Bonferroni).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.analysis.first_seen import slice_column
from experiments.analysis.mismatch import THRESHOLD, mismatch
from experiments.analysis.question import Question
from experiments.analysis.tables import Table, fetched

MOST = 20
"""Values of one column that are tested, the largest first."""
PARTS = 10
"""Parts of the time, of as many units each."""
WHEN = "first seen"


@dataclass(frozen=True, slots=True)
class SliceMismatch:
    """The units of one slice; `p` is corrected for the `slices` that were tested."""

    column: str
    value: str
    p: float
    observed: Mapping[str, int]
    expected: Mapping[str, float]
    slices: int

    def __str__(self) -> str:
        units = ", ".join(
            f"{arm} {n:,} (expected {self.expected[arm]:,.0f})" for arm, n in self.observed.items()
        )
        return (
            f"mismatch where {self.column} = {self.value}: {units}; p = {self.p:.2g}, of {self.slices} slices"
        )


def mismatch_slices(seen: Table, question: Question) -> tuple[SliceMismatch, ...]:
    """Every slice by every sliced column and by time, the smallest p first. `seen`: see `first_seen`."""
    counts: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    for column, values in _sources(seen, question).items():
        for value, phases in list(_counts(values, seen).items())[:MOST]:
            counts[column, value] = phases
    tested = {key: mismatch(each, question.weights, watched=question.watched) for key, each in counts.items()}
    found = [
        SliceMismatch(*key, min(1.0, each.p * len(tested)), each.observed, each.expected, len(tested))
        for key, each in tested.items()
    ]
    return tuple(sorted(found, key=lambda each: each.p))


def moving(found: tuple[SliceMismatch, ...], question: Question) -> SliceMismatch | None:
    """The worst part of the time whose arms surely aren't as declared; None while a log is watched.

    Then a pooled effect compares times as well as arms.
    """
    bad = [each for each in found if each.column == WHEN and each.p < THRESHOLD]
    return bad[0] if bad and not question.watched else None


def _sources(seen: Table, question: Question) -> dict[str, Table]:
    import ibis  # type: ignore[import-untyped]

    found = {column: seen[slice_column(number)] for number, column in enumerate(question.slices)}
    if question.time:
        part = (ibis.ntile(PARTS).over(order_by=seen["_first"]) + 1).cast("string")
        found[WHEN] = ibis.literal("part ") + part + f" of {PARTS}"
    return found


def _counts(values: Table, seen: Table) -> dict[str, dict[str, dict[str, int]]]:
    """Value → phase → arm → units, the largest first."""
    each = seen.mutate(_value=values)
    each = each.filter(each["_value"].notnull())
    grouped = each.group_by(["_value", "_phase", "_arm"])
    found: dict[str, dict[str, dict[str, int]]] = {}
    for line in fetched(grouped.aggregate(_units=each.count())):
        found.setdefault(line["_value"], {}).setdefault(line["_phase"], {})[line["_arm"]] = line["_units"]
    return dict(sorted(found.items(), key=lambda item: -sum(sum(p.values()) for p in item[1].values())))
