"""What a version would have earned on logged decisions, before anybody is exposed to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from bentos.home.state import Home
from bentos.offline.rescoring import candidates_of, on_snapshots
from experiments.offpolicy.crossfit import cross_fit
from experiments.offpolicy.estimators import (
    Evaluation,
    Log,
    LogError,
    PolicyEstimate,
    difference,
    evaluate,
    log_of,
)
from experiments.offpolicy.weight_tests import LogParts
from monitoring.log.known_outcomes import REASONS, read_decisions, unusable, worth_of
from monitoring.log.version_name import VersionName
from monitoring.log.window import window

TOP = 10
DISCOUNT = 1 / np.log2(np.arange(TOP) + 2)  # of DCG (Järvelin, Kekäläinen 2002)

Floats = NDArray[np.float64]
Scorer = Callable[[str, list[Any], Mapping[str, Any]], Floats]


@dataclass(frozen=True)
class Valued:
    """Diagnostics and the version's value per decision; `gain` is its value minus that of what served."""

    evaluation: Evaluation
    gain: PolicyEstimate | None
    decisions: int
    skipped: Mapping[str, int]


@dataclass(frozen=True)
class _Slate:
    """One decision's first positions: float64 and int64 (k)."""

    unit: str
    model: str
    reward: Floats
    propensity: Floats
    same: NDArray[np.bool_]  # the version puts this item here
    greedy: NDArray[np.bool_]  # the ranker that served puts it here
    logged: Floats  # (k, 2) features of the served items
    wanted: Floats  # (k, 2) of the version's


def value(home: Home, package: Path, since: float | None = None, until: float | None = None) -> Valued:
    """Value a package on the log's decisions with outcomes, DCG of outcomes over ten positions.

    Left out, and counted: answers without outcomes, under a fallback, or with propensities that nobody knows.
    Raises LogError where nothing is left.
    """
    with window(home.log, since, until) as log:
        rows = read_decisions(log)
    return value_of(rows, _scorer(home, package), cache(partial(_of_model, home)))


def value_of(rows: pd.DataFrame, scorer: Scorer, served_by: Callable[[str], Scorer]) -> Valued:
    """The same of decisions with their outcomes, and any scorer of (snapshot, items, context), NaN: unknown.

    `served_by` gives the scorer of a model that served, for answers that `top_k` cut.
    """
    slates, skipped = [], dict.fromkeys(UNUSABLE, 0)
    for row in rows.itertuples():
        reason = _unusable(row)
        if reason is None:
            slates.append(_slate(row, scorer, served_by))
        else:
            skipped[reason] += 1
    if not slates:
        raise LogError(f"log: none of {len(rows)} decisions can be used: {skipped}")
    log_rows, served = _rows(slates)
    models = np.repeat([each.model for each in slates], [len(each.reward) for each in slates])
    found = evaluate(log_rows, parts=LogParts({"version": models.astype(object)}))
    gain = None if found.refused else difference(log_rows, log_rows.target, served)
    return Valued(found, gain, len(slates), skipped)


UNUSABLE = (*REASONS, "without propensities")


def _unusable(row: Any) -> str | None:
    why = unusable(row)
    if why is None and not np.isfinite(np.asarray(row.propensities, float)[:TOP]).all():
        return "without propensities"
    return why


def _slate(row: Any, scorer: Scorer, served_by: Callable[[str], Scorer]) -> _Slate:
    """The served slate beside the version's own order of the same known candidates.

    Of an answer that was cut, the record has only the scores of what was served: both score it again.
    """
    candidates = candidates_of(row)
    slate, scores = np.asarray(row.slate, np.int64), np.asarray(row.scores, float)
    context = orjson.loads(row.context)
    if len(slate) < len(candidates):
        ours = scorer(row.snapshot, candidates, context)
        served = served_by(row.model)(row.snapshot, candidates, context)
        known = np.flatnonzero(~np.isnan(served))
    else:
        known = np.sort(slate[~np.isnan(scores)])
        ours, served = np.full(len(candidates), np.nan), np.full(len(candidates), np.nan)
        served[slate] = scores
        ours[known] = scorer(row.snapshot, [candidates[i] for i in known], context)
    wanted, greedy = (known[np.argsort(-each[known], kind="stable")] for each in (ours, served))
    k = min(TOP, len(known), len(slate))
    worth = worth_of(row)
    return _Slate(
        unit=row.unit,
        model=str(row.model),
        reward=np.array([worth.get(row.candidates[i], 0.0) for i in slate[:k]], float),
        propensity=np.asarray(row.propensities, float)[:k],
        same=wanted[:k] == slate[:k],
        greedy=greedy[:k] == slate[:k],
        logged=np.column_stack([ours[slate[:k]], served[slate[:k]]]),
        wanted=np.column_stack([ours[wanted[:k]], served[wanted[:k]]]),
    )


def _rows(slates: list[_Slate]) -> tuple[Log, Floats]:
    """The log, with a reward model that is cross-fitted by unit, and the target of what served."""
    sizes = [len(each.reward) for each in slates]
    decision = np.repeat(np.arange(len(slates)), sizes)
    units = np.repeat(np.array([each.unit for each in slates], object), sizes)
    cluster = np.unique(units.astype(str), return_inverse=True)[1].astype(np.int64)
    reward = np.concatenate([each.reward for each in slates])
    predicted = expected = None
    if len(np.unique(cluster)) >= 10:
        logged, wanted = (np.concatenate([getattr(s, key) for s in slates]) for key in ("logged", "wanted"))
        predicted, (expected,) = cross_fit(logged, reward, cluster, at=[(wanted, cluster)])
    log = log_of(
        reward,
        np.concatenate([each.propensity for each in slates]),
        np.concatenate([each.same for each in slates]).astype(float),
        decision=decision,
        unit=units,
        position=np.concatenate([np.arange(size) for size in sizes]),
        discount=DISCOUNT,
        predicted=predicted,
        expected=expected,
    )
    return log, np.concatenate([each.greedy for each in slates]).astype(float)


def _of_model(home: Home, model: str) -> Scorer:
    package = home.version(VersionName.parse(model).number)
    if not package.is_dir():
        raise LogError(
            f"log: answers of {model} were cut by top_k, and {package}, to score them again, is gone"
        )
    return _scorer(home, package)


def _scorer(home: Home, package: Path) -> Scorer:
    """Scores of known items by the package, on the snapshot that a decision was made with."""
    on = on_snapshots(home, package)

    def score(snapshot: str, items: list[Any], context: Mapping[str, Any]) -> Floats:
        version = on(snapshot)
        return version.score(version.catalogue.rows(items), context)

    return score
