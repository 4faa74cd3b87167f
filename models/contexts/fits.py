"""What a forest says of requests: one observation each, the same at training and while serving.

`contexts` (n, p) and `candidates` (n, q) are rows as `layout` makes them, of requests in the order in which
they came.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.contexts.forest import PlainForest
from monitoring.guard.exchange import NEIGHBOURS, exchanged, follows

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

USUAL = (0.5, 2.0)  # of the usual time between two requests of a kind: one follows the other
AHEAD = 64  # requests among which the next of a kind is looked for


def unlike(forest: PlainForest, rows: Floats) -> Floats:
    """(n): how likely each row is made up, 0 to 1."""
    return np.asarray(1 / (1 + np.exp(np.clip(forest.log_odds(rows), -30, 30))))


def exchanges(forest: PlainForest, contexts: Floats, candidates: Floats, at: Places) -> Floats:
    """`exchanged` of the requests `at`, each of which has all its neighbours among the rows."""
    near = at[:, None] + np.array(NEIGHBOURS)
    own = _fits(forest, contexts, candidates)
    here = np.broadcast_to(at[:, None], near.shape)
    return exchanged(
        own[at],
        own[near],
        _fits(forest, contexts[near.ravel()], candidates[here.ravel()]).reshape(near.shape),
        _fits(forest, contexts[here.ravel()], candidates[near.ravel()]).reshape(near.shape),
    )


def lateness(forest: PlainForest, contexts: Floats, candidates: Floats, at: Places, after: Places) -> Floats:
    """`follows` of the requests `at`, whose next ones of their kind are `after`."""
    own = _fits(forest, contexts[at], candidates[at])
    return follows(own, _fits(forest, contexts[after], candidates[at]))


def changes(contexts: Floats, earlier: Floats) -> Floats:
    """(n, p + 1): how every field changed since an earlier context, and how many came or went."""
    came_or_went = np.isnan(contexts) != np.isnan(earlier)
    return np.column_stack([contexts - earlier, came_or_went.sum(axis=1)])


def next_of_kind(kinds: Sequence[Hashable]) -> Places:
    """For each request the next one of its kind, -1 where none is among the 64 after it."""
    found = np.full(len(kinds), -1, np.int64)
    last: dict[Hashable, int] = {}
    for place in range(len(kinds) - 1, -1, -1):
        after = last.get(kinds[place], -1)
        found[place] = after if after - place <= AHEAD else -1
        last[kinds[place]] = place
    return found


def before_of(after: Places) -> Places:
    """For each request the one whose next it is, -1 where there is none."""
    found = np.full(len(after), -1, np.int64)
    at = np.flatnonzero(after >= 0)
    found[after[at]] = at
    return found


def follow(gap: Floats, every: float) -> NDArray[np.bool_]:
    """Whether requests `gap` seconds apart follow each other, where `every` seconds are usual."""
    return (gap >= USUAL[0] * every) & (gap <= USUAL[1] * every)


def _fits(forest: PlainForest, contexts: Floats, candidates: Floats) -> Floats:
    return forest.log_odds(np.hstack([contexts, candidates]))
