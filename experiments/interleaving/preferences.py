"""Which of two interleaved rankers is preferred: credit per request, by unit, safe to look at any time.

A request's credit is what the second ranker's items contribute to the metric minus what the first's do, so
that it adds up to the metric's own scale; over the coins it is 0 in the mean where neither is better.
Sources: Chapelle, Joachims, Radlinski, Yue 2012, "Large-Scale Validation and Analysis of Interleaved Search
Evaluation"; intervals as in `experiments.analysis.sequential`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from experiments.analysis.clustered_means import clustered
from experiments.analysis.mismatch import THRESHOLD, mismatch
from experiments.analysis.outlook import Looked, how_long
from experiments.analysis.question import Role
from experiments.analysis.recommendation import LEAST_UNITS
from experiments.analysis.sequential import factor, p_value
from experiments.analysis.spending import LOOKS, Levels, spent

Floats = NDArray[np.float64]
Word = Literal["prefer", "no preference", "keep going", "can't say"]


def credit(team: NDArray[np.int8], parts: Floats, top: int | None = None) -> float:
    """Parts of the second ranker's items minus those of the first's, over the first `top` positions.

    `parts`: float64[n], what the item at each position contributes to the metric, NaN where its outcome
    hasn't come (counts as 0).
    """
    known = np.nan_to_num(parts[:top])
    return float(known[team[:top] == 1].sum() - known[team[:top] == 0].sum())


@dataclass(frozen=True, slots=True)
class Credit:
    """One metric's mean credit per request; above 0 the second ranker is preferred.

    `base`: the mean of the metric itself over the same requests. `effect`: the smallest credit that
    matters, as a share of it. `anytime` holds at every look, at the level `levels.looks`; `fixed` and its p
    only at the planned end. `deciding` is what the preference reads: as of effects of arms.
    `wins`, `losses`, `ties`: requests whose credit is above, below and at 0.
    """

    metric: str
    role: Role
    mean: float
    base: float
    deviation: float
    effect: float
    level: float
    levels: Levels
    anytime: tuple[float, float]
    anytime_p: float
    fixed: tuple[float, float] | None
    fixed_p: float | None
    deciding: tuple[float, float]
    wins: int
    losses: int
    ties: int
    units: int

    @property
    def requests(self) -> int:
        """How many requests were credited."""
        return self.wins + self.losses + self.ties


@dataclass(frozen=True, slots=True)
class Preferences:
    """An interleaving experiment: `rankers` are its variants' names, `credits` begins with the primary.

    `began`: drafts in which the first and the second ranker chose the first item that anybody is credited
    for, a fair coin each. `left_out`: reason → answers that nobody is credited for. `days`: how long it
    has run.
    """

    rankers: tuple[str, str]
    credits: tuple[Credit, ...]
    began: tuple[int, int]
    left_out: Mapping[str, int]
    days: float | None = None
    ended: bool = False
    notes: tuple[str, ...] = ()

    @property
    def coin(self) -> float:
        """p-value of the coin being fair."""
        counts = dict(zip(self.rankers, self.began, strict=True))
        return (
            mismatch({"": counts}, {"": dict.fromkeys(self.rankers, 0.5)}, watched=not self.ended).p
            if sum(self.began)
            else 1.0
        )


@dataclass(frozen=True, slots=True)
class Preferred:
    """One word, the ranker it is about, and the sentences that give the reasons."""

    word: Word
    ranker: str | None
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        about = f" {self.ranker}" if self.ranker else ""
        return f"{self.word}{about}: " + "; ".join(self.reasons)


def credited(  # noqa: PLR0913 - a metric's declaration, by name
    credits: Sequence[float] | Floats,
    base: Sequence[float] | Floats,
    units: Sequence[str] | NDArray[np.object_],
    *,
    metric: str = "credit",
    role: Role = "primary",
    effect: float = 0.05,
    level: float = 0.95,
    looks: float = LOOKS,
    ended: bool = False,
) -> Credit | None:
    """The mean credit over requests, from a credit, the metric and a unit per request.

    None with fewer than two units or without any variation: there is nothing to test. NaN leaves a request
    out.
    """
    values, whole = np.asarray(credits, float), np.asarray(base, float)
    known = np.isfinite(values)
    codes = np.unique(np.asarray(units, object).astype(str), return_inverse=True)[1].astype(np.int64)
    mean, deviation, count = clustered(values[known], codes[known])
    if count < 2 or deviation == 0:
        return None
    scale = float(whole[known].mean())
    levels = spent(level, looks)
    half = deviation * factor(count, levels.looks)
    anytime = mean - half, mean + half
    deciding = _fixed(mean, deviation, count, levels.end)[0] if ended and levels.end < 1 else anytime
    fixed, fixed_p = _fixed(mean, deviation, count, level) if ended else (None, None)
    wins, losses = int((values[known] > 0).sum()), int((values[known] < 0).sum())
    return Credit(
        metric=metric,
        role=role,
        mean=mean,
        base=scale,
        deviation=deviation,
        effect=effect,
        level=level,
        levels=levels,
        anytime=anytime,
        anytime_p=p_value(mean, deviation, count),
        fixed=fixed,
        fixed_p=fixed_p,
        deciding=deciding,
        wins=wins,
        losses=losses,
        ties=int(known.sum()) - wins - losses,
        units=count,
    )


def preferred(found: Preferences) -> Preferred:
    """Which ranker the primary metric's outcomes prefer, in words.

    >>> draw = np.random.default_rng(1)
    >>> units = [f"viewer-{number}" for number in range(500)]
    >>> clicks = credited(draw.normal(0.3, 1.0, 500), base=np.full(500, 2.0), units=units, metric="clicks")
    >>> str(preferred(Preferences(("old", "new"), (clicks,), began=(255, 245), left_out={})))
    'prefer new: credit in clicks +0.2643 [+0.09288, +0.4356] per request: its items earn more; ...'
    """
    if found.coin < THRESHOLD:
        one, other = found.began
        return Preferred(
            "can't say",
            None,
            (
                f"the coin is not fair, p = {found.coin:.2g}: {found.rankers[0]!r} began {one:,} drafts and "
                f"{found.rankers[1]!r} {other:,}; look at answers that never reach the log, and at filters "
                "that see who chose an item",
            ),
        )
    if not found.credits or found.credits[0].role != "primary":
        reason = (
            "no variation in the primary metric's credit: no outcomes yet, or the two rankers always agree"
        )
        return Preferred("can't say", None, (reason,))
    return _on_primary(found.credits[0], found)


def _on_primary(first: Credit, found: Preferences) -> Preferred:
    if first.units < LEAST_UNITS:
        few = f"too few units: {first.units:,}, and at least {LEAST_UNITS} are needed"
        return Preferred("can't say", None, (few,))
    low, high = first.deciding
    at = "" if first.fixed_p is None else f" at its planned end, p = {first.fixed_p:.2g}"
    told = f"credit in {first.metric} {_signed(first.mean)} [{_signed(low)}, {_signed(high)}] per request{at}"
    for ranker, passed in zip(found.rankers, (high < 0, low > 0), strict=True):
        if passed:
            ask = "a split says by how much the metric differs"
            return Preferred("prefer", ranker, (f"{told}: its items earn more", ask))
    matters = first.effect * abs(first.base)
    if max(-low, high) < matters:
        return Preferred("no preference", None, (f"{told}: {_signed(matters)} or more is excluded",))
    if found.ended:
        return Preferred("no preference", None, (f"{told}: neither is preferred",))
    return Preferred("keep going", None, (f"{told}: not decided", _how_long(first, matters, found.days)))


def _how_long(first: Credit, matters: float, days: float | None) -> str:
    if not matters:
        return "how long it takes can't be said while the metric is at 0"
    return how_long(
        f"a credit of {_signed(matters)}", Looked(first.deviation, matters, first.levels, first.units, days)
    )


def _fixed(mean: float, deviation: float, units: int, level: float) -> tuple[tuple[float, float], float]:
    """Student's interval with units − 1 degrees of freedom, and its p-value."""
    half = deviation * float(stdtrit(units - 1, (1 + level) / 2))
    return (mean - half, mean + half), float(2 * stdtr(units - 1, -abs(mean) / deviation))


def _signed(value: float) -> str:
    return f"{value:+.4g}"
