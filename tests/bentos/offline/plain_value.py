"""A version's value worked out decision by decision, with everything in memory: what batches must equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from bentos.offline.rescoring import candidates_of
from experiments.offpolicy.crossfit import cross_fit
from experiments.offpolicy.estimators import Evaluation, difference, evaluate
from experiments.offpolicy.intervals import PolicyEstimate
from experiments.offpolicy.policy_log import log_of
from experiments.offpolicy.weight_tests import LogParts
from monitoring.log.known_outcomes import numbers, unusable, worth_of

Floats = NDArray[np.float64]
OneScorer = Callable[[str, list[Any], Mapping[str, Any]], Floats]


class _PlainSlate(NamedTuple):
    unit: str
    model: str
    reward: Floats
    propensity: Floats
    same: NDArray[np.bool_]
    greedy: NDArray[np.bool_]
    logged: Floats
    wanted: Floats


def plain_value(
    rows: pd.DataFrame, score: OneScorer, served_by: Callable[[str], OneScorer], discount: Floats
) -> tuple[Evaluation, PolicyEstimate | None, int]:
    """Diagnostics and estimates, the gain over what served, and how many decisions were used."""
    top = len(discount)
    slates = [_slate(row, score, served_by, top) for row in rows.itertuples() if _usable(row, top)]
    sizes = [len(each.reward) for each in slates]
    units = np.repeat(np.array([each.unit for each in slates], object), sizes)
    cluster = np.unique(units.astype(str), return_inverse=True)[1].astype(np.int64)
    reward = np.concatenate([each.reward for each in slates])
    logged, wanted = (np.concatenate([getattr(each, key) for each in slates]) for key in ("logged", "wanted"))
    predicted, (expected,) = cross_fit(logged, reward, cluster, at=[(wanted, cluster)])
    log = log_of(
        reward,
        np.concatenate([each.propensity for each in slates]),
        np.concatenate([each.same for each in slates]).astype(float),
        decision=np.repeat(np.arange(len(slates)), sizes),
        unit=units,
        position=np.concatenate([np.arange(size) for size in sizes]),
        discount=discount,
        predicted=predicted,
        expected=expected,
    )
    models = np.repeat(np.array([each.model for each in slates], object), sizes)
    found = evaluate(log, parts=LogParts({"version": models}))
    served = np.concatenate([each.greedy for each in slates]).astype(float)
    return found, None if found.refused else difference(log, log.target, served), len(slates)


def _usable(row: Any, top: int) -> bool:
    return unusable(row) is None and bool(np.isfinite(numbers(row.propensities)[:top]).all())


def _slate(row: Any, score: OneScorer, served_by: Callable[[str], OneScorer], top: int) -> _PlainSlate:
    candidates = candidates_of(row)
    slate, scores = np.asarray(row.slate, np.int64), numbers(row.scores)
    context = orjson.loads(row.context)
    if len(slate) < len(candidates):
        ours = score(row.snapshot, candidates, context)
        served = served_by(row.model)(row.snapshot, candidates, context)
        known = np.flatnonzero(~np.isnan(served))
    else:
        known = np.sort(slate[~np.isnan(scores)])
        ours, served = np.full(len(candidates), np.nan), np.full(len(candidates), np.nan)
        served[slate] = scores
        ours[known] = score(row.snapshot, [candidates[i] for i in known], context)
    wanted, greedy = (known[np.argsort(-each[known], kind="stable")] for each in (ours, served))
    k, worth = min(top, len(known), len(slate)), worth_of(row)
    return _PlainSlate(
        unit=row.unit,
        model=str(row.model),
        reward=np.array([worth.get(row.candidates[i], 0.0) for i in slate[:k]], float),
        propensity=numbers(row.propensities)[:k],
        same=wanted[:k] == slate[:k],
        greedy=greedy[:k] == slate[:k],
        logged=np.column_stack([ours[slate[:k]], served[slate[:k]]]),
        wanted=np.column_stack([ours[wanted[:k]], served[wanted[:k]]]),
    )
