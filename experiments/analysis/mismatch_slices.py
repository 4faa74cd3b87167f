"""Mismatch within slices, the worst first: that is how its cause is found.

Units are sliced by what they were when first seen, and by when that was: one tenth of them after another.
p-values are multiplied by the number of slices (Bonferroni).
"""

from collections.abc import Mapping
from dataclasses import dataclass

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


def mismatch_slices(rows: Table, question: Question) -> tuple[SliceMismatch, ...]:
    """Every slice by every sliced column and by time, the smallest p first. `rows`: cleaned."""
    counts: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    for column, source in _sources(rows, question).items():
        for value, phases in list(_counts(source, rows, question).items())[:MOST]:
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


def _sources(rows: Table, question: Question) -> dict[str, str | None]:
    return {column: column for column in question.slices} | ({WHEN: None} if question.time else {})


def _counts(source: str | None, rows: Table, question: Question) -> dict[str, dict[str, dict[str, int]]]:
    """Value → phase → arm → units, the largest first."""
    import ibis  # type: ignore[import-untyped]

    moment = rows[question.time] if question.time else rows[question.arm]
    phase = rows[question.phase].cast("string") if question.phase else ibis.literal("")
    seen = rows.mutate(_phase=phase, _moment=moment)
    first = {"_phase": seen["_phase"], "_arm": seen[question.arm]}
    if source is not None:
        first["_value"] = seen[source].cast("string")
    each = seen.group_by(_unit=seen[question.unit]).aggregate(
        _first=seen["_moment"].min(),
        **{name: column.argmin(seen["_moment"]) for name, column in first.items()},
    )
    if source is None:
        each = each.mutate(_value=(ibis.ntile(PARTS).over(order_by=each["_first"]) + 1).cast("string"))
    each = each.filter(each["_value"].notnull())
    grouped = each.group_by(["_value", "_phase", "_arm"])
    found: dict[str, dict[str, dict[str, int]]] = {}
    for line in fetched(grouped.aggregate(_units=each.count())):
        found.setdefault(line["_value"], {}).setdefault(line["_phase"], {})[line["_arm"]] = line["_units"]
    if source is None:
        found = {f"part {value} of {PARTS}": phases for value, phases in found.items()}
    return dict(sorted(found.items(), key=lambda item: -sum(sum(p.values()) for p in item[1].values())))
