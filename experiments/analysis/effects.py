"""What an analysis finds: effects of arms, and all else that a recommendation needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.analysis.accounting import Accounting
from experiments.analysis.balance import Balance
from experiments.analysis.course import EffectCourse
from experiments.analysis.differing import Differing
from experiments.analysis.mismatch import Mismatch
from experiments.analysis.mismatch_slices import SliceMismatch
from experiments.analysis.spending import Levels
from experiments.analysis.spread import Spread


@dataclass(frozen=True, slots=True)
class Winsorised:
    """How many units of the control and of the arm were capped, and the effect as it is without."""

    units: tuple[int, int]
    difference: float
    lift: float | None

    def __str__(self) -> str:
        without = f"{self.difference:+.4g}" if self.lift is None else f"{self.lift:+.2%}"
        return f"{sum(self.units):,} units capped; {without} without"


@dataclass(frozen=True, slots=True)
class Effect:
    """One metric of one arm against the control. Relative figures are shares of the control's value.

    `anytime` holds at every look, at the level `levels.looks`; `fixed` (an interval at `level`, and a p) only
    at the planned end, and is None before. `deciding` is what the recommendation reads: `anytime` while
    it runs, at the planned end the fixed interval at the level `levels.end`. `deviation`: standard error of
    `difference`. `lift`: the relative difference; `relative…` are its intervals, None where the control's
    value is not clear of 0.
    """

    metric: str
    role: str
    arm: str
    control_value: float
    value: float
    difference: float
    deviation: float
    lift: float | None
    anytime: tuple[float, float]
    anytime_p: float
    fixed: tuple[float, float] | None
    fixed_p: float | None
    deciding: tuple[float, float]
    level: float
    levels: Levels
    units: tuple[int, int]
    relative: tuple[float, float] | None
    relative_fixed: tuple[float, float] | None
    relative_deciding: tuple[float, float] | None
    control_variance: float
    winsorised: Winsorised | None
    reduction: float | None  # share of the variance that CUPED removed
    correlation: float | None  # of the metric with what CUPED explains it by; its square is the share


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that an analysis found. `slices`: column → value → effects on the primary metric.

    With a trigger, `effects` are those where arms differ, `overall` the same over all rows, `share` how
    many of the rows that is, and `triggered` the mismatch test among the units that have such rows.
    `accounting`: what became of every row. `strata`: name → share of the primary metric's effect, where
    weights have changed. `moved`: units that changed arm with them.
    `mismatch_slices`: the mismatch test within each slice, the worst first; `moving`: the part of the time in
    which the arms' shares surely aren't those declared. `balances`: whether arms were alike before it began.
    `courses`: the primary metric's effect over time, and
    `spread`: how it is spread over units, where the question is detailed. `differing`: whether it differs
    between slices, and between the arms of other experiments.
    """

    mismatch: Mismatch
    effects: tuple[Effect, ...]
    slices: Mapping[str, Mapping[str, tuple[Effect, ...]]]
    units: Mapping[str, int]
    rows: int
    crossed: int
    notes: tuple[str, ...]
    overall: tuple[Effect, ...] = ()
    share: float | None = None
    triggered: Mismatch | None = None
    accounting: Accounting = field(default=Accounting(0, 0))
    strata: Mapping[str, float] = field(default_factory=dict)
    moved: int = 0
    mismatch_slices: tuple[SliceMismatch, ...] = ()
    moving: SliceMismatch | None = None
    balances: tuple[Balance, ...] = ()
    courses: tuple[EffectCourse, ...] = ()
    spread: Spread | None = None
    differing: tuple[Differing, ...] = ()

    @property
    def decisive(self) -> tuple[Effect, ...]:
        """The effects that the recommendation is about: what shipping would change."""
        return self.effects if self.share is None else self.overall

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Every mismatch test that was made."""
        return (self.mismatch,) if self.triggered is None else (self.mismatch, self.triggered)
