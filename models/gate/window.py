"""Labelled requests that versions are compared on, and the scores that a version would serve for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.engine import Engine, Job
from models.features import parse_context
from models.gate import stats
from models.gate.stats import Floats, GateEstimate, Ints
from models.training.ranking_metrics import Gain, ndcg
from monitoring.log.struck import StruckWindow

K = 10  # positions that count


@dataclass(frozen=True, eq=False)
class RequestWindow:
    """Requests with their outcomes: `starts` bounds each request's rows; ids, labels and slices are by row.

    `contexts` is what came with each request, `labels` what came of each row (NaN while unknown), `positive`
    the rows that count as 1 for a two-class ranker (None for a ranking one). `source` says where all of it
    was had, for sentences; `as_asked` tells requests that clients sent, whatever context they left out, and
    `hours` in how many different hours: what comes with the hour was seen that often (None: not known).
    `left_out` is how many outcomes are no labels here, by the struck or suspected window that they lie in.
    """

    source: str
    ids: Sequence[str] | Sequence[int]
    starts: Ints
    contexts: Sequence[Mapping[str, Any]]
    labels: Floats
    positive: NDArray[np.bool_] | None = None
    slices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    as_asked: bool = False
    hours: int | None = None
    gain: Gain = "exponential"
    left_out: Mapping[StruckWindow, int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests there are."""
        return len(self.starts) - 1

    @cached_property
    def context_names(self) -> frozenset[str]:
        """Every context field that some request has."""
        return frozenset(name for context in self.contexts for name in context)

    @cached_property
    def request_of_row(self) -> Ints:
        """The request of each row."""
        return stats.request_of(self.starts)

    @cached_property
    def ordered(self) -> bool:
        """Whether requests have several rows, so that an order inside them can be judged."""
        return self.requests > 0 and float(np.median(np.diff(self.starts))) >= 2

    @cached_property
    def chance(self) -> Floats:
        """What a random order gets, by request; half for a row of a two-class ranker."""
        if self.ordered:
            # Ties count as the mean of their orders, so all-equal scores get exactly what chance does.
            return ndcg(self.labels, np.zeros(len(self.labels)), self.starts, K, self.gain)
        return np.full(len(self.labels), 0.5)

    def quality(self, scores: Floats) -> Floats:
        """NDCG@10 by request; where requests have one row, the AUC's part of each row."""
        if self.ordered:
            return ndcg(self.labels, scores, self.starts, K, self.gain)
        return stats.auc_by_row(scores, self.truth)

    @property
    def measure(self) -> str:
        """The name of what `quality` gives."""
        return "NDCG@10" if self.ordered else "AUC"

    @cached_property
    def truth(self) -> NDArray[np.bool_]:
        """The rows that turned out to be 1."""
        return self.labels > 0 if self.positive is None else self.positive

    def agreement(self, scores: Floats) -> Floats:
        """How scores go with outcomes, −1 to 1, by request (Spearman), or by row (2 AUC − 1)."""
        if self.ordered:
            return stats.spearman(scores, self.labels, self.starts)
        return 2 * stats.auc_by_row(scores, self.truth) - 1

    def likeness(self, one: Floats, other: Floats) -> Floats:
        """How two versions' scores go together, by request; over all rows where a request has but one."""
        starts = self.starts if self.ordered else np.array([0, len(self.labels)])
        return stats.spearman(one, other, starts)

    def estimate(self, values: Floats) -> GateEstimate:
        """The mean of what `quality` or `agreement` gave, or of a difference of two of them."""
        return stats.mean(values) if self.ordered else stats.auc(values, self.truth)

    def only(self, rows: NDArray[np.bool_]) -> RequestWindow:
        """The same window with some rows only; requests that lose all of theirs go."""
        counts = np.add.reduceat(rows, self.starts[:-1]) if self.requests else np.zeros(0, np.int64)
        stay = counts > 0
        where = np.flatnonzero(rows)
        return RequestWindow(
            source=self.source,
            ids=cast("Sequence[str]", [self.ids[row] for row in where.tolist()]),
            starts=np.concatenate(([0], np.cumsum(counts[stay]))).astype(np.int64),
            contexts=[context for context, kept in zip(self.contexts, stay, strict=True) if kept],
            labels=self.labels[rows],
            positive=None if self.positive is None else self.positive[rows],
            slices={name: values[rows] for name, values in self.slices.items()},
            as_asked=self.as_asked,
            hours=self.hours,
            gain=self.gain,
        )

    @property
    def labelled(self) -> RequestWindow:
        """The rows whose outcome is known."""
        return self.only(np.isfinite(self.labels))

    def known(self, catalogue: Catalogue) -> NDArray[np.bool_]:
        """Which rows' items a catalogue has."""
        return catalogue.rows(self.ids) >= 0


def jobs(window: RequestWindow, engine: Engine, catalogue: Catalogue) -> list[Job]:
    """The window's requests as the engine takes them; a context field that it does not know is left out.

    Every item must be in the catalogue. Raises ContextError for a value that the engine does not take.
    """
    rows = catalogue.rows(window.ids)
    known = engine.spec.numeric_position.keys() | engine.spec.categorical_position.keys()
    made = []
    for place, (low, high) in enumerate(pairwise(window.starts)):
        raw = {name: value for name, value in window.contexts[place].items() if name in known}
        made.append(Job(rows[low:high], parse_context(engine.spec, raw)))
    return made


def score(window: RequestWindow, engine: Engine, catalogue: Catalogue) -> Floats:
    """float64 by row, as the engine would serve each request. Raises what it raises for a request."""
    parts = engine.score_many(jobs(window, engine, catalogue))
    for part in parts:
        if isinstance(part, Exception):
            raise part
    return np.concatenate([np.empty(0), *parts])
