"""Strata: units are compared only with units that had the same chances of each arm, at the same time.

While weights stay, all units are one stratum. Once weights have changed, a pooled difference compares days as
well as arms (Crook, Frasca, Kohavi, Longbotham 2009, "Seven Pitfalls to Avoid when Running Controlled
Experiments on the Web", pitfall 3, Simpson's paradox on ramping up). So each unit is compared within what it
was first seen under and what its rows were made under; of either, chances of the arms are those of the hash.
A unit that a change of weights moved to another arm keeps the rows of its first arm and leaves with the
others: its hash moved it, so who leaves has nothing to do with what units do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import Table, connection_of, fetched, kept

Named = tuple[
    int, int
]  # the allocations under which a unit was first seen, and under which its rows were made


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of one analysis. `names` is empty where the weights never changed.

    `shares`: by measure and stratum, how much a stratum's effect counts: its share of the denominator of
    all arms; of sums per unit its number of units over that of all units, as a unit may be in several.
    `moved`: units that changed arm with the weights.
    """

    names: tuple[str, ...] = ()
    shares: tuple[tuple[float, ...], ...] = ()
    moved: int = 0

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What a column's name ends with in each stratum."""
        return tuple(f"_{number}" for number in range(len(self.names))) or ("",)

    def of_primary(self) -> dict[str, float]:
        """Name → share of the primary metric's effect."""
        return dict(zip(self.names, self.shares[0], strict=True)) if self.names else {}

    def note(self) -> list[str]:
        """What the reader of an effect must know of it."""
        if not self.names:
            return []
        each = ", ".join(
            f"{name} {share:.1%}" for name, share in zip(self.names, self.shares[0], strict=True)
        )
        left = (
            f"; {self.moved:,} units changed arm with the weights, and their rows in the second are left out"
            if self.moved
            else ""
        )
        return [f"the weights of the arms changed: effects are averages over strata ({each}){left}"]


def allocations(question: Question) -> dict[str, int]:
    """Phase → the number of its allocation: phases that give the arms the same shares have the same one."""
    known: dict[tuple[float, ...], int] = {}
    found = {}
    for phase, weights in question.weights.items():
        total = sum(weights.values()) or 1.0
        shares = tuple(round(weights.get(arm, 0.0) / total, 6) for arm in question.arms)
        found[phase] = known.setdefault(shares, len(known))
    return found


def stratified_rows(rows: Table, question: Question) -> tuple[Table, Strata, int]:
    """Rows with their stratum's number `_stratum`, those of a second arm left out; and units that crossed.

    Crossed is what was in two arms under one allocation: those leave altogether.
    """
    numbers = allocations(question)
    rows = _with_origin(rows, question, numbers)
    crossed = rows.filter(rows["_crossed"])
    [counted] = fetched(crossed.aggregate(crossed=crossed[question.unit].nunique()))
    rows = rows.filter(~rows["_crossed"])
    counts = _counts(rows, question)
    order = sorted(counts)
    width = len(set(numbers.values()))
    cases = [(rows["_pair"] == origin * width + during, n) for n, (origin, during) in enumerate(order)]
    rows = rows.mutate(_stratum=_cases(cases))
    strata = Strata(
        tuple(_name(each, question, numbers) for each in order),
        tuple(_shares(counts, order, index, each) for index, each in enumerate(question.measures)),
        int(max((each["moved"] for each in counts.values()), default=0)),
    )
    return rows.filter(rows[question.arm] == rows["_first"]), strata, int(counted["crossed"])


def _with_origin(rows: Table, question: Question, numbers: Mapping[str, int]) -> Table:
    phase = rows[question.phase].cast("string")
    width = len(set(numbers.values()))
    rows = rows.mutate(_during=_cases([(phase == name, number) for name, number in numbers.items()]))
    rows = rows.mutate(_moment=rows[question.time] if question.time else rows["_during"])
    part = rows.group_by(_unit=rows[question.unit], _during=rows["_during"]).aggregate(
        _low=rows[question.arm].min(),
        _high=rows[question.arm].max(),
        _began=rows["_moment"].min(),
        _first=rows[question.arm].argmin(rows["_moment"]),
    )
    origin = part.group_by("_unit").aggregate(
        _origin=part["_during"].argmin(part["_began"]),
        _first=part["_first"].argmin(part["_began"]),
        _crossed=(part["_low"] != part["_high"]).any(),
        _moves=part["_low"].min() != part["_high"].max(),
    )
    origin = kept(origin, connection_of(rows))
    joined = rows.join(origin, rows[question.unit] == origin["_unit"])
    return joined.mutate(_pair=joined["_origin"] * width + joined["_during"])


def _counts(rows: Table, question: Question) -> dict[Named, dict[str, float]]:
    """By stratum: units, those that moved (of all strata), and the size of each measure."""
    sizes = {
        f"size{index}": rows[each.denominator].sum() if each.denominator else rows[each.numerator].count()
        for index, each in enumerate(question.measures)
    }
    unit = rows[question.unit]
    [whole] = fetched(rows.aggregate(all=unit.nunique(), moved=unit.nunique(where=rows["_moves"])))
    lines = fetched(rows.group_by(["_origin", "_during"]).aggregate(units=unit.nunique(), **sizes))
    return {(line["_origin"], line["_during"]): {**line, **whole} for line in lines}


def _shares(
    counts: Mapping[Named, Mapping[str, float]], order: list[Named], index: int, measure: Measure
) -> tuple[float, ...]:
    if measure.per_unit and measure.denominator is None:
        return tuple(counts[each]["units"] / counts[each]["all"] for each in order)
    sizes = [counts[each][f"size{index}"] or 0.0 for each in order]
    return tuple(size / (sum(sizes) or 1.0) for size in sizes)


def _name(each: Named, question: Question, numbers: Mapping[str, int]) -> str:
    """Such as "at 90/10", or "first seen at 90/10, then at 50/50"; the control's share first."""
    told = {}
    for phase, number in numbers.items():
        weights = question.weights[phase]
        total = sum(weights.values()) or 1.0
        told[number] = "/".join(f"{100 * weights.get(arm, 0.0) / total:.3g}" for arm in question.arms)
    origin, during = each
    if origin == during:
        return f"at {told[origin]}"
    return f"first seen at {told[origin]}, then at {told[during]}"


def _cases(cases: list[tuple[Table, int]]) -> Table:
    import ibis  # type: ignore[import-untyped]

    return reduce(lambda rest, case: ibis.ifelse(case[0], case[1], rest), cases, ibis.null("int64"))
