"""The numbers to reach: ratios within one run, which a machine's speed and its neighbours disturb least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.measure import BALLAST, Case, Results

PATTERN = "BentoML's pattern"


@dataclass(frozen=True)
class Ratio:
    """One line of the table. `values` has one entry per round; `reach` and `then` are its targets."""

    name: str
    values: Sequence[float]
    before: float  # what the prototype had
    reach: float
    then: float
    less_is_better: bool = True

    @property
    def value(self) -> float:
        """The median of the rounds; NaN where it was not measured."""
        return median(self.values) if self.values else float("nan")

    @property
    def verdict(self) -> str:
        """How far it is."""
        if not self.values:
            return "not measured"
        if self._meets(self.then):
            return "reached, and what comes then"
        return "reached" if self._meets(self.reach) else "not reached"

    def _meets(self, target: float) -> bool:
        return self.value <= target if self.less_is_better else self.value >= target


def ratios(results: Results) -> list[Ratio]:
    """The table of numbers to reach."""
    floor, cpu, rate = results.floors, _Column(results, "cpu"), _Column(results, "rate")
    predict, kernel = "predict", "kernel"
    return [
        Ratio(
            "kernel ÷ CatBoost predict, 3000 rows",
            _over(floor.get((kernel, 3000)), floor.get((predict, 3000))),
            0.43,
            0.38,
            0.30,
        ),
        Ratio(
            "kernel ÷ CatBoost predict, 10 rows",
            _over(floor.get((kernel, 10)), floor.get((predict, 10))),
            0.12,
            0.10,
            0.06,
        ),
        Ratio(
            "/rank CPU ÷ that predict, N=3000",
            _over(cpu.of(BALLAST, 3000), floor.get((predict, 3000))),
            0.79,
            0.70,
            0.55,
        ),
        Ratio(
            "requests/s per core ÷ BentoML's pattern, N=10",
            _over(rate.of(BALLAST, 10), rate.of(PATTERN, 10)),
            9.6,
            11,
            14,
            less_is_better=False,
        ),
        Ratio(
            "requests/s per core ÷ BentoML's pattern, N=3000",
            _over(rate.of(BALLAST, 3000), rate.of(PATTERN, 3000)),
            2.9,
            3.5,
            4.5,
            less_is_better=False,
        ),
        Ratio(
            "/rank CPU at N=10 ÷ CPU of an empty POST",
            _over(cpu.of(BALLAST, 10), cpu.of("empty POST", 0)),
            2.2,
            2.0,
            1.6,
        ),
    ]


@dataclass(frozen=True)
class _Column:
    results: Results
    name: str

    def of(self, system: str, candidates: int, connections: int = 8) -> list[float] | None:
        samples = self.results.samples.get(Case(system, candidates, connections))
        return None if samples is None else [getattr(sample, self.name) for sample in samples]


def _over(above: Sequence[float] | None, below: Sequence[float] | None) -> list[float]:
    """Round by round, so that each pair was measured close together."""
    if above is None or below is None:
        return []
    return [one / other for one, other in zip(above, below, strict=True)]
