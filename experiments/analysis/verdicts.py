"""Verdicts for automata: one for the experiment and one for each arm, with the figures that each rests on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.judged import Says, says
from experiments.analysis.mismatch import DOUBTFUL, THRESHOLD
from experiments.analysis.question import Measure, Question
from experiments.analysis.recommendation import (
    LEAST_UNITS,
    MOST_CROSSED,
    Recommendation,
    recommend,
    recommend_each,
)

About = Literal["mismatch", "balance", "moving", "units", "crossed", "primary", "guardrail"]


@dataclass(frozen=True, slots=True)
class Ground:
    """One figure that a verdict rests on.

    `about` and `kind` say what `figure` is: p of a test (mismatch, balance before, moving shares),
    number of units, share of units in several arms, or the effect of a metric, relative to the control
    where it is clear of 0 and else absolute. `low` and `high`: the interval that decided. `limit`: what
    the figure is held to; of an effect the smallest change that matters, of a guardrail its margin.
    `says`: "blocks" where nothing can be said because of it, "doubtful", "sound", or what an effect
    says (better, worse, excluded, open; of a guardrail harmed, kept, open).
    """

    about: About
    metric: str | None
    arm: str | None
    kind: Literal["p", "units", "share", "relative", "absolute"]
    figure: float | None
    low: float | None
    high: float | None
    limit: float | None
    says: Says | Literal["blocks", "doubtful", "sound"]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """`overall`: on the experiment. `arms`: on each beside the control. `grounds`: by arm, None for all."""

    overall: Recommendation
    arms: tuple[Recommendation, ...]
    grounds: Mapping[str | None, tuple[Ground, ...]]

    def __str__(self) -> str:
        return str(self.overall)

    def as_json(self, said: Recommendation) -> dict[str, Any]:
        """One of them, with what it rests on."""
        return asdict(said) | {"rests_on": [asdict(each) for each in self.grounds[said.arm]]}


def verdicts_of(analysis: Analysis, question: Question) -> Verdicts:
    """Every verdict of an analysis.

    Where nothing can be said of any arm, each arm has the verdict of the experiment.
    """
    overall, each = recommend(analysis, question), recommend_each(analysis, question)
    if [said.arm for said in each] == [None]:
        each = [Recommendation(each[0].word, arm, each[0].reasons) for arm in question.arms[1:]]
    whole = tuple(_of_split(analysis, question))
    effects = {(effect.arm, effect.metric): effect for effect in analysis.decisive}
    grounds: dict[str | None, tuple[Ground, ...]] = {None: whole}
    for arm in question.arms[1:]:
        own = [_of_effect(effects[arm, m.name], m) for m in question.measures if _counts(arm, m, effects)]
        grounds[arm] = (*whole, *own)
    return Verdicts(overall, tuple(each), grounds)


def _counts(arm: str, measure: Measure, effects: Mapping[tuple[str, str], Effect]) -> bool:
    return measure.role != "secondary" and (arm, measure.name) in effects


def _of_split(analysis: Analysis, question: Question) -> list[Ground]:
    found = []
    for each in analysis.mismatches:
        said: Any = "blocks" if each.p < THRESHOLD else "doubtful" if each.p < DOUBTFUL else "sound"
        found.append(Ground("mismatch", None, None, "p", each.p, None, None, THRESHOLD, said))
    for past in analysis.balances:
        alike: Any = "blocks" if past.p < THRESHOLD else "doubtful" if past.p < DOUBTFUL else "sound"
        found.append(Ground("balance", past.metric, past.arm, "p", past.p, None, None, THRESHOLD, alike))
    if analysis.moving is not None:
        p = analysis.moving.p
        found.append(Ground("moving", None, None, "p", p, None, None, THRESHOLD, "blocks"))
    for arm in question.arms:
        units = analysis.units[arm]
        enough: Any = "sound" if units >= LEAST_UNITS else "blocks"
        found.append(Ground("units", None, arm, "units", units, None, None, LEAST_UNITS, enough))
    seen = sum(analysis.units.values()) + analysis.crossed
    share = analysis.crossed / seen if seen else 0.0
    apart: Any = "blocks" if share > MOST_CROSSED else "sound"
    return [*found, Ground("crossed", None, None, "share", share, None, None, MOST_CROSSED, apart)]


def _of_effect(effect: Effect, measure: Measure) -> Ground:
    about: About = "guardrail" if measure.role == "guardrail" else "primary"
    limit = measure.margin if about == "guardrail" else measure.effect
    relative = effect.relative_deciding is not None and effect.lift is not None
    low, high = effect.relative_deciding or effect.deciding
    return Ground(
        about,
        measure.name,
        effect.arm,
        "relative" if relative else "absolute",
        effect.lift if relative else effect.difference,
        low,
        high,
        limit,
        says(effect, measure),
    )
