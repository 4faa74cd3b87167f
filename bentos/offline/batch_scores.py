"""Candidates of many decisions scored at once by a version, on the snapshots they were served from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from bentos.home.state import Home
from bentos.offline.rescoring import on_snapshots
from models.engine import Job
from models.features import Context, own_context

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


class ItemsAsked(NamedTuple):
    """Items of n decisions: int64[m] places in `ids`, those of a decision together; `sizes` int64[n] of each.

    `contexts` are JSON, as recorded.
    """

    ids: Sequence[Any]
    items: Indexes
    sizes: Indexes
    contexts: Sequence[str]


Scorer = Callable[[str, ItemsAsked], Floats]
"""Scores float64[m] of what is asked, on a snapshot; NaN for an item that it lacks."""

CONTEXTS = 4_096
"""Contexts remembered: many viewers ask with equal ones."""


def _or_raise(scores: Floats | Exception) -> Floats:
    if isinstance(scores, Exception):
        raise scores
    return scores


def scorer(home: Home, package: Path) -> Scorer:
    """The package on each snapshot. A call raises CatalogueError, EngineError or ContextError."""
    on = on_snapshots(home, package)

    def score(snapshot: str, asked: ItemsAsked) -> Floats:
        version = on(snapshot)
        spec = version.engine.spec

        @lru_cache(CONTEXTS)
        def context(recorded: str) -> Context:
            return own_context(spec, orjson.loads(recorded))

        wanted, of = np.unique(asked.items, return_inverse=True)
        rows = version.catalogue.rows([asked.ids[each] for each in wanted.tolist()])[of]
        found, known = np.full(len(rows), np.nan), rows >= 0
        counts = np.bincount(
            np.repeat(np.arange(len(asked.sizes)), asked.sizes)[known], minlength=len(asked.sizes)
        )
        parts = np.split(rows[known], np.cumsum(counts)[:-1])
        jobs = [
            Job(part, context(text)) for part, text in zip(parts, asked.contexts, strict=True) if len(part)
        ]
        if jobs:
            found[known] = np.concatenate([_or_raise(each) for each in version.engine.score_many(jobs)])
        return found

    return score
