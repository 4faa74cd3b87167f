"""What a rollout's arms did beside their metrics: fallbacks, latency, versions that the guard stopped.

The figures are looked at again and again. So the figure of a treated arm is a lower bound that is valid at
every look: the estimate, less half the width of its interval (`experiments.analysis.sequential`). An arm is
stopped when that bound is over the control's figure by more than `decide.LIMITS` allows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from experiments.analysis.sequential import half_width
from experiments.rollout.decide import ArmHealth
from monitoring.log.window import LogWindow

LEVEL = 0.99  # of each figure: 1 in 100 healthy rollouts is stopped by it, however long it is watched
FEWEST = 40  # answers of an arm from which on shares are about normal; before, nothing is sure
SLOWEST = 0.01  # the share of answers beyond the 99th percentile


@dataclass(frozen=True, slots=True)
class ArmAnswers:
    """One arm's answers: how many, how many of them fallbacks, which versions gave them."""

    answers: int
    fallbacks: int
    models: frozenset[str] = frozenset()


def watched(
    log: LogWindow, name: str, control: str, since: float, stopped: Collection[str]
) -> dict[str, ArmHealth]:
    """Per treated arm of an experiment, from the answers since a moment (unix seconds, the server's clock).

    `stopped`: the versions, as records name them, that the guard doesn't let score. Overrides don't
    count.
    """
    log.connection.execute(_ANSWERS, [name, since])
    arms = {row["arm"]: _served(row) for row in _rows(log, _COUNTS)}
    if control not in arms:
        return {}
    return {
        arm: ArmHealth(
            trips=len((served.models - arms[control].models) & set(stopped)),
            **_figures(log, control, arm, arms),
        )
        for arm, served in arms.items()
        if arm != control
    }


def fallback_rates(control: ArmAnswers, treated: ArmAnswers) -> tuple[float, float]:
    """The control's share of fallbacks, and what the treated arm's is at least."""
    deviation = sqrt(_variance(control) + _variance(treated))
    half = half_width(deviation, control.answers + treated.answers, LEVEL)
    enough = min(control.answers, treated.answers) >= FEWEST
    least = max(treated.fallbacks / treated.answers - half, 0.0) if enough else 0.0
    return control.fallbacks / control.answers, least


def quantiles(control: int, treated: int) -> tuple[float, float] | None:
    """Which quantiles of their latencies are surely above the control's 99th percentile, and below the
    treated arm's; None while so few answers say nothing about it."""
    above, below = (1 - SLOWEST + sign * _half(count) for sign, count in ((1, control), (-1, treated)))
    return (above, below) if above < 1 and below > 0 else None


def _half(answers: int) -> float:
    return half_width(sqrt(SLOWEST * (1 - SLOWEST) / answers), answers, LEVEL)


def _variance(served: ArmAnswers) -> float:
    share = (served.fallbacks + 1) / (served.answers + 2)  # of none seen, the variance is not 0
    return share * (1 - share) / served.answers


def _figures(
    log: LogWindow, control: str, arm: str, arms: Mapping[str, ArmAnswers]
) -> dict[str, dict[str, float]]:
    base, now = fallback_rates(arms[control], arms[arm])
    figures = {"control": {"fallback rate": base}, "treated": {"fallback rate": now}}
    places = quantiles(arms[control].answers, arms[arm].answers)
    if places is not None:
        slow = [_slow(log, each, place) for each, place in zip((control, arm), places, strict=True)]
        if slow[0] and slow[1]:
            figures["control"]["p99 seconds"], figures["treated"]["p99 seconds"] = slow[0], slow[1]
    return figures


def _slow(log: LogWindow, arm: str, place: float) -> float | None:
    [row] = _rows(log, "SELECT quantile_cont(seconds, ?) AS s FROM answers WHERE arm = ?", [place, arm])
    return row["s"] or None


def _served(row: Mapping[str, Any]) -> ArmAnswers:
    return ArmAnswers(row["answers"], row["fallbacks"], frozenset(row["models"]))


def _rows(log: LogWindow, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    found = log.connection.execute(query, list(parameters))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


_ANSWERS = """
CREATE OR REPLACE TEMP TABLE answers AS
SELECT drawn.variant AS arm, fallback, model, seconds FROM (
    SELECT *, list_filter(arms, lambda a: a.experiment = ?)[1] AS drawn FROM decisions
)
WHERE drawn IS NOT NULL AND NOT drawn.forced AND received >= ?"""

_COUNTS = """
SELECT arm, count(*) AS answers, count(fallback) AS fallbacks, list(DISTINCT model) AS models
FROM answers GROUP BY arm"""
