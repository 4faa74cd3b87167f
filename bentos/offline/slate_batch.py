"""A batch of decisions as arrays: what was served of which candidates, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitoring.log.decision_batches import DecisionBatch
from monitoring.log.known_outcomes import REDUCED, UNDER_FALLBACK, WITHOUT_OUTCOMES

WITHOUT_PROPENSITIES = "without propensities"

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """Lists of n decisions one after the other: `sizes` int64[n], and where each one begins."""

    sizes: Indexes

    @property
    def starts(self) -> Indexes:
        """Where each list begins."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes)

    @property
    def owner(self) -> Indexes:
        """Whose each element is."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def first(self, counts: Indexes) -> Indexes:
        """Places of the first `counts[i]` elements of each list."""
        return np.arange(int(counts.sum())) + np.repeat(self.starts - np.cumsum(counts) + counts, counts)


@dataclass(frozen=True)
class SlateBatch:
    """Decisions that can be used. `items` are places in `names`; `served` are places in `items`, by slate.

    `reward` (0 where no outcome is known), `scores` and `propensities` are aligned with `served`. An item's
    id is `names[items]`, an integer where `integer_ids`.
    """

    place: Indexes
    unit: Indexes
    sampled: Floats
    contexts: list[str]
    models: list[str]
    snapshots: list[str]
    integer_ids: NDArray[np.bool_]
    names: list[str]
    candidates: Ragged
    items: Indexes
    slates: Ragged
    served: Indexes
    reward: Floats
    scores: Floats
    propensities: Floats


def usable(batch: DecisionBatch, top: int) -> tuple[SlateBatch | None, dict[str, int]]:
    """The decisions that can be learnt from, and how many of the others are left out for which reason.

    Among the first `top` positions no propensity is unknown.
    """
    table, skipped = batch.decisions, dict[str, int]()
    table = _kept(table, table["unfailed"].to_numpy(), UNDER_FALLBACK, skipped)
    names, items, told = _named(table, batch.outcomes)
    reward, known = _outcomes(table, items, told, batch.outcomes)
    has = np.bincount(_lists(table, "slate")[0].owner, known, table.num_rows) > 0
    whole = table["whole"].to_numpy()
    sure = ~whole | _sure(table, top)
    for reason, bad in (
        (WITHOUT_OUTCOMES, ~has),
        (REDUCED, has & ~whole),
        (WITHOUT_PROPENSITIES, has & whole & ~sure),
    ):
        skipped[reason] = int(bad.sum())
    kept = has & whole & sure
    return (_slates(table, kept, names, items, reward) if kept.any() else None), skipped


def _kept(table: pa.Table, kept: NDArray[np.bool_], reason: str, skipped: dict[str, int]) -> pa.Table:
    skipped[reason] = int((~kept).sum())
    return table if kept.all() else table.filter(pa.array(kept))


def _lists(table: pa.Table, name: str) -> tuple[Ragged, pa.Array]:
    column = table[name].combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    sizes = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    return Ragged(sizes.astype(np.int64)), column.flatten()


def _named(table: pa.Table, outcomes: pa.Table) -> tuple[list[str], Indexes, Indexes]:
    """The ids of candidates and outcomes as text, each once, and which of them each one is."""
    candidates = _lists(table, "candidates")[1]
    both = pa.chunked_array([candidates, *outcomes["item"].chunks], pa.string()).combine_chunks()
    encoded = pc.dictionary_encode(both)
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return encoded.dictionary.to_pylist(), codes[: len(candidates)], codes[len(candidates) :]


def _outcomes(
    table: pa.Table, items: Indexes, told: Indexes, outcomes: pa.Table
) -> tuple[Floats, NDArray[np.bool_]]:
    """By position of each slate: the outcome, 0 where there is none, and whether there is one."""
    candidates, _ = _lists(table, "candidates")
    slates, served = _lists(table, "slate")
    place, most = table["place"].to_numpy(), int(max(items.max(initial=0), told.max(initial=0))) + 1
    whose = place[slates.owner] * most
    asked = whose + items[candidates.starts[slates.owner] + served.to_numpy()]
    known = outcomes["place"].to_numpy() * most + told
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], asked), max(len(known) - 1, 0))
    if not len(known):
        return np.zeros(len(asked)), np.zeros(len(asked), bool)
    found = known[order][at] == asked
    return np.where(found, outcomes["value"].to_numpy()[order][at], 0.0), found


def _sure(table: pa.Table, top: int) -> NDArray[np.bool_]:
    lists, values = _lists(table, "propensities")
    numbers = _floats(values)[lists.first(np.minimum(lists.sizes, top))]
    owner = np.repeat(np.arange(table.num_rows), np.minimum(lists.sizes, top))
    return np.asarray(np.bincount(owner, ~np.isfinite(numbers), table.num_rows) == 0)


def _floats(values: pa.Array) -> Floats:
    return np.asarray(pc.fill_null(values, np.nan).to_numpy(zero_copy_only=False), np.float64)


def _slates(
    table: pa.Table, kept: NDArray[np.bool_], names: list[str], items: Indexes, reward: Floats
) -> SlateBatch:
    (candidates, _), (slates, served) = _lists(table, "candidates"), _lists(table, "slate")
    of_item, of_slate = kept[candidates.owner], kept[slates.owner]
    left = table.filter(pa.array(kept))
    candidates, slates = Ragged(candidates.sizes[kept]), Ragged(slates.sizes[kept])
    texts: dict[str, list[Any]] = {key: left[key].to_pylist() for key in ("context", "model", "snapshot")}
    return SlateBatch(
        place=left["place"].to_numpy(),
        unit=left["unit"].to_numpy(),
        sampled=left["sampled"].to_numpy(),
        contexts=texts["context"],
        models=texts["model"],
        snapshots=texts["snapshot"],
        integer_ids=left["integer_ids"].to_numpy(),
        names=names,
        candidates=candidates,
        items=items[of_item],
        slates=slates,
        served=candidates.starts[slates.owner] + served.to_numpy()[of_slate],
        reward=reward[of_slate],
        scores=_floats(_lists(left, "scores")[1]),
        propensities=_floats(_lists(left, "propensities")[1]),
    )
