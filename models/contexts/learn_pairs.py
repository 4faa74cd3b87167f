"""Learns what two requests tell together: whose context is whose, and how one follows the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contexts import planted
from models.contexts.fits import before_of, changes, exchanges, follow, lateness, next_of_kind, unlike
from models.contexts.forest import PlainForest, fit
from models.contexts.reference import CHANGE, LATE, OWN, Shown
from models.contexts.shown import CHANCE, HALF_WAY, LATE_LEAST, NotShownError, shown
from models.contexts.table_requests import TableRequests
from monitoring.guard.exchange import REACH

Floats = NDArray[np.float64]
What = dict[str, Shown | str]
"""By test: what it shows, or why it can't be made."""

LEAST_FOLLOWED = 400  # requests that follow one of their kind, to learn changes from
SHUFFLES = 3  # made-up changes for each real one


def learn_own(
    trained: TableRequests, held: TableRequests, draw: np.random.Generator
) -> tuple[PlainForest, What]:
    """Contexts that belong to their candidates; the faults: a shuffle, and the context of the one before."""
    if not trained.candidates.shape[1]:
        raise NotShownError("no item has a feature that a context could belong to")
    after, count = next_of_kind(trained.kinds), len(trained)
    before = before_of(after)
    near = [planted.neighbours(count, planted.NEAR, draw) for _ in range(3)]
    kin = [np.where(places < 0, near[0], places) for places in (before, after)]
    wrong = [*near, draw.permutation(count), *kin]
    rows = np.hstack([trained.contexts, trained.candidates])
    made_up = np.vstack([np.hstack([trained.contexts[places], trained.candidates]) for places in wrong])
    forest = fit(rows, made_up)
    return forest, {OWN: _exchanged(forest, held, draw), LATE: _lagged(forest, held)}


def _exchanged(forest: PlainForest, held: TableRequests, draw: np.random.Generator) -> Shown | str:
    at = np.arange(REACH, len(held) - REACH)
    others = held.contexts[planted.shuffled(len(held), draw)]
    healthy, broken = (exchanges(forest, each, held.candidates, at) for each in (held.contexts, others))
    return _or_why(healthy, broken, HALF_WAY, CHANCE)


def _lagged(forest: PlainForest, held: TableRequests) -> Shown | str:
    if held.times is None:
        return "without data.time nothing is late"
    after = next_of_kind(held.kinds)
    before = before_of(after)
    late = np.where((before >= 0)[:, None], held.contexts[before], held.contexts)
    at = np.flatnonzero(after >= 0)
    healthy, broken = (
        lateness(forest, each, held.candidates, at, after[at]) for each in (held.contexts, late)
    )
    return _or_why(healthy, broken, HALF_WAY, None, LATE_LEAST)


def learn_change(
    trained: TableRequests, held: TableRequests, draw: np.random.Generator
) -> tuple[PlainForest, What]:
    """How a context follows the one before; the fault: contexts of a day or so are shuffled."""
    every = trained.every
    if every is None:
        raise NotShownError("without data.time no request follows another")
    real, made_up = _followed(trained, every, trained.contexts), []
    for _ in range(SHUFFLES):
        order = planted.shuffled(len(trained), draw)
        made_up.append(_followed(trained, every, trained.contexts[order]))
    if len(real) < LEAST_FOLLOWED:
        raise NotShownError(f"{len(real)} requests follow one of their kind: it takes {LEAST_FOLLOWED}")
    forest = fit(real, np.vstack(made_up))
    others = held.contexts[planted.shuffled(len(held), draw)]
    healthy, broken = (unlike(forest, _followed(held, every, each)) for each in (held.contexts, others))
    return forest, {CHANGE: shown(healthy, broken, HALF_WAY)}


def _followed(requests: TableRequests, every: float, contexts: Floats) -> Floats:
    """Changes of contexts, from each request of a kind to the next one at the usual time."""
    assert requests.times is not None  # noqa: S101 - `every` is known
    after = next_of_kind(requests.kinds)
    at = np.flatnonzero(after >= 0)
    at = at[follow(requests.times[after[at]] - requests.times[at], every)]
    return changes(contexts[after[at]], contexts[at])


def _or_why(healthy: Floats, broken: Floats, *limit: Any) -> Shown | str:
    try:
        return shown(healthy, broken, *limit)
    except NotShownError as error:
        return str(error)
