"""Served slates beside the order that a version gives to the same known candidates, for a batch at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bentos.offline.batch_scores import ItemsAsked, Scorer
from bentos.offline.slate_batch import Ragged, SlateBatch

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class ScoredSlates(NamedTuple):
    """The first positions of n slates, m rows: `sizes` int64[n] of each decision.

    `same`: the version puts this item here; `greedy`: the ranker that served does. `logged` and `wanted`
    float64[m, 2]: the version's score and the served one, of the served item and of the version's.
    """

    sizes: Indexes
    reward: Floats
    propensity: Floats
    same: Flags
    greedy: Flags
    logged: Floats
    wanted: Floats


def slate_scores(
    slates: SlateBatch, top: int, score: Scorer, served_by: Callable[[str], Scorer]
) -> ScoredSlates:
    """The first `top` positions of each slate.

    Of an answer that was cut, the record has only the scores of what was served: both score it again.
    """
    ours, served, known = _scores(slates, score, served_by)
    whose = slates.candidates.owner
    counts = np.bincount(whose[known], minlength=len(slates.place)).astype(np.int64)
    sizes = np.minimum(np.minimum(counts, slates.slates.sizes), top)
    first = slates.slates.first(sizes)
    wanted, greedy = (_ordered(each, whose, known, counts, sizes) for each in (ours, served))
    shown = slates.served[first]
    return ScoredSlates(
        sizes=sizes,
        reward=slates.reward[first],
        propensity=slates.propensities[first],
        same=wanted == shown,
        greedy=greedy == shown,
        logged=np.column_stack([ours[shown], served[shown]]),
        wanted=np.column_stack([ours[wanted], served[wanted]]),
    )


def _ordered(scores: Floats, whose: Indexes, known: Flags, counts: Indexes, sizes: Indexes) -> Indexes:
    """The best of each decision's known candidates, best first; equal ones in the order of the candidates."""
    places = np.flatnonzero(known)
    order = places[np.lexsort((-scores[places], whose[places]))]
    return order[Ragged(counts).first(sizes)]


def _scores(
    slates: SlateBatch, score: Scorer, served_by: Callable[[str], Scorer]
) -> tuple[Floats, Floats, Flags]:
    """By candidate: the version's score, the score by which it was served, and whether it is known."""
    count = len(slates.items)
    ours, served = np.full(count, np.nan), np.full(count, np.nan)
    cut = slates.slates.sizes < slates.candidates.sizes
    kept = ~cut[slates.slates.owner]
    served[slates.served[kept]] = slates.scores[kept]
    asked = cut[slates.candidates.owner] | ~np.isnan(served)
    for snapshot, chosen, group in _groups(slates, asked, slates.snapshots):
        ours[chosen] = score(snapshot, group)
    again = cut[slates.candidates.owner]
    models = sorted({slates.models[i] for i in np.flatnonzero(cut).tolist()})
    for model in models:
        of = np.array([each == model for each in slates.models])[slates.candidates.owner]
        for snapshot, chosen, group in _groups(slates, again & of, slates.snapshots):
            served[chosen] = served_by(model)(snapshot, group)
    return ours, served, ~np.isnan(served)


def _groups(
    slates: SlateBatch, wanted: Flags, snapshots: list[str]
) -> Iterator[tuple[str, Indexes, ItemsAsked]]:
    """What is wanted of each snapshot: its name, which candidates, and the same as a question."""
    names, of = np.unique(np.array(snapshots, object).astype(str), return_inverse=True)
    owner = slates.candidates.owner
    for index, name in enumerate(names.tolist()):
        for integers in (False, True):
            mine = (of == index) & (slates.integer_ids == integers)
            chosen = np.flatnonzero(wanted & mine[owner])
            if not len(chosen):
                continue
            sizes = np.bincount(owner[chosen], minlength=len(mine))[mine]
            items = slates.items[chosen]
            ids: list[str | int] = list(slates.names)
            if integers:
                used, items = np.unique(items, return_inverse=True)
                ids = [int(slates.names[each]) for each in used.tolist()]
            contexts = [slates.contexts[each] for each in np.flatnonzero(mine).tolist()]
            yield name, chosen, ItemsAsked(ids, items, sizes, contexts)
