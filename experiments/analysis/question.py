"""What an analysis is asked: the arms, their expected shares, the metrics, and how they are to be judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from experiments.analysis.spending import LOOKS

Role = Literal["primary", "guardrail", "secondary"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric of a table.

    Its value in an arm is Σ `numerator` / Σ `denominator` over all rows; without a denominator it is
    the mean of `numerator` over the rows that have one, or with `per_unit` its sum per unit.
    `effect`: the smallest relative change that matters. `winsorise`: of units, what is above this quantile
    counts as it, see `winsorising`. `quantile`: of the rows of `numerator`, in place of their mean. `margin`:
    as a guardrail, the relative harm that is acceptable. `before`: the same from before the experiment,
    (numerator, denominator) columns that are constant within a unit, for CUPED.
    """

    name: str
    numerator: str
    denominator: str | None = None
    per_unit: bool = False
    role: Role = "primary"
    better: Literal["higher", "lower"] = "higher"
    effect: float = 0.05
    winsorise: float | None = None
    quantile: float | None = None
    margin: float | None = None
    before: tuple[str, str | None] | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are not used: why, how many, and the unit of one of them."""

    reason: str
    rows: int
    example: object = None

    def __str__(self) -> str:
        such = "" if self.example is None else f", such as unit {self.example}"
        return f"{self.rows:,} {self.reason}{such}"


@dataclass(frozen=True, slots=True)
class Question:
    """One analysis of a table of rows (decisions, sessions, units…).

    `weights`: phase → arm → expected share; a single phase "" where the table has none. `control`: the arm
    that the others are compared with. `beside`: columns with the arms of other experiments. `before_time`:
    the column of when units' pasts were measured. `trigger`: a boolean column, rows without which can't
    differ between arms. `ended`: the planned end has been reached, so that the fixed-horizon interval may be
    shown. `watched`: it runs and is looked at again and again, so that the mismatch test must hold at every
    look. `detailed`: over time and over units as well, for a page. `looks`: the share of the error for looks
    before the planned end, see `spending`. `days`: how long it has run, for saying how long it still needs.
    `notes`: what reading has found. `left_out`: rows that reading has left out already, by reason.
    """

    control: str
    weights: Mapping[str, Mapping[str, float]]
    measures: tuple[Measure, ...]
    unit: str = "unit"
    arm: str = "arm"
    phase: str | None = None
    time: str | None = None
    before_time: str | None = None
    trigger: str | None = None
    slices: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    level: float = 0.95
    ended: bool = False
    watched: bool = False
    detailed: bool = False
    looks: float = LOOKS
    days: float | None = None
    notes: tuple[str, ...] = field(default=())
    left_out: tuple[LeftOut, ...] = field(default=())

    @property
    def arms(self) -> tuple[str, ...]:
        """The control first, then the others by name."""
        named = {arm for phase in self.weights.values() for arm in phase} - {self.control}
        return (self.control, *sorted(named))

    def level_of(self, measure: Measure) -> float:
        """The primary metric keeps its level; the others share theirs (Bonferroni), as do arms."""
        others = sum(each.role != "primary" for each in self.measures)
        tests = (1 if measure.role == "primary" else others) * max(len(self.arms) - 1, 1)
        return 1 - (1 - self.level) / tests

    def without_slices(self) -> "Question":
        """The same about one part of the table."""
        return replace(self, slices=(), beside=(), trigger=None)
