"""The kernel behind the engine's interface."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items
from models.engine.cityhash import category_hashes
from models.engine.fill import Filler
from models.engine.inputs import Inputs, row_error
from models.engine.layout import HASHES_KEPT
from models.engine.lookups import Sources
from models.engine.protocol import Columns, Job, Rows, Scores
from models.engine.walker import Walker
from models.features import Context, FeatureSpec

_ONE_OWNER = np.zeros(1 << 13, np.int32)  # rows of a request whose context is the only one
_NONE_CROSSED = np.empty((0, 0), np.float32)
_NONE_JOINT = np.empty((0, 0), np.uint8)


@lru_cache(HASHES_KEPT)
def _hash(text: str) -> int:
    return int(category_hashes([text])[0])


@dataclass(frozen=True, eq=False)
class KernelEngine:
    """Compiled trees over a quantised table u8 (N, W) that all workers of a host share."""

    inputs: Inputs
    walker: Walker
    filler: Filler
    table: NDArray[np.uint8]
    sources: Sources
    digest: str
    reason: str = "bit-identical to CatBoost on every proof row"
    kind: Literal["kernel"] = field(default="kernel", init=False)

    @property
    def spec(self) -> FeatureSpec:
        """The features, and where each comes from."""
        return self.inputs.spec

    def on(self, items: Items) -> Self:
        """The same model on items fetched for one request; their rows count from 0."""
        return replace(
            self,
            inputs=self.inputs.on(items),
            table=self.filler.table(items),
            sources=self.filler.joint_sources(items) if self.walker.layout.joint.size else self.sources,
        )

    def features(self, rows: Rows, context: Context) -> Columns:
        """What the model sees."""
        return self.inputs.features(rows, context)

    def score(self, rows: Rows, context: Context) -> Scores:
        """float64 (n)."""
        rows = np.ascontiguousarray(rows, np.int64)
        crossed = _NONE_CROSSED
        if self.spec.cross_names:
            crossed = self.inputs.crossed(self.inputs.check(rows), context)
        owner = _ONE_OWNER if rows.size <= _ONE_OWNER.size else np.zeros(rows.size, np.int32)
        return self._run(rows, [context], owner, crossed)

    def score_many(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        """All jobs in one walk, which small ones gain by; one by one if any fails."""
        try:
            return self._together(jobs)
        except Exception:  # whatever a job fails with is its own, and found again there
            return [self._attempt(job) for job in jobs]

    def _together(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        if len(jobs) < 2:
            return [self.score(job.rows, job.context) for job in jobs]
        sizes = [job.rows.size for job in jobs]
        rows = np.concatenate([job.rows for job in jobs]).astype(np.int64, copy=False)
        owner = np.repeat(np.arange(len(jobs), dtype=np.int32), sizes)
        crossed = _NONE_CROSSED
        if self.spec.cross_names:
            parts = [self.inputs.crossed(job.rows, job.context) for job in jobs]
            crossed = np.ascontiguousarray(np.concatenate(parts, axis=1))
        scores = self._run(rows, [job.context for job in jobs], owner, crossed)
        ends = np.cumsum(sizes).tolist()
        return [scores[end - size : end] for end, size in zip(ends, sizes, strict=True)]

    def _attempt(self, job: Job) -> Scores | Exception:
        try:
            return self.score(job.rows, job.context)
        except Exception as error:
            return error

    def _run(
        self, rows: Rows, contexts: Sequence[Context], owner: NDArray[np.int32], crossed: NDArray[np.float32]
    ) -> Scores:
        hashes = [_hashes(context) for context in contexts]
        layout = self.walker.layout
        quantised = np.empty((len(contexts), layout.context_size), np.uint8)
        for row, context, hashed in zip(quantised, contexts, hashes, strict=True):
            layout.context_row(context.numeric, hashed, row)
        joint = _NONE_JOINT
        if layout.joint.size:
            keys = [layout.joint.keys(each.numeric, own) for each, own in zip(contexts, hashes, strict=True)]
            joint = layout.joint.fill(np.array(keys), owner, rows, self.sources, crossed)
        out, outside = self.walker.scores(self.table, rows, quantised, owner, crossed, joint)
        if outside >= 0:
            raise row_error(int(rows[outside]), self.inputs.catalogue)
        return out


def _hashes(context: Context) -> NDArray[np.uint32]:
    return np.array([_hash(text) for text in context.categorical], np.uint32)
