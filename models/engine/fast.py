"""The kernel behind the engine's interface."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.engine.cityhash import category_hashes
from models.engine.inputs import Inputs, row_error
from models.engine.kernel import finish, walk
from models.engine.layout import HASHES_KEPT, Layout
from models.engine.protocol import Columns, Job, Rows, Scores
from models.engine.trees import Forest
from models.features import Context, FeatureSpec

_ONE_OWNER = np.zeros(1 << 13, np.int32)  # rows of a request whose context is the only one


@lru_cache(HASHES_KEPT)
def _hash(text: str) -> int:
    return int(category_hashes([text])[0])


@dataclass(frozen=True, eq=False)
class KernelEngine:
    """Compiled trees over a quantised table u8 (N, W) that all workers of a host share."""

    inputs: Inputs
    forest: Forest
    layout: Layout
    table: NDArray[np.uint8]
    digest: str
    reason: str = "bit-identical to CatBoost on every proof row"
    kind: Literal["kernel"] = field(default="kernel", init=False)

    @property
    def spec(self) -> FeatureSpec:
        """The features, and where each comes from."""
        return self.inputs.spec

    def features(self, rows: Rows, context: Context) -> Columns:
        """What the model sees."""
        return self.inputs.features(rows, context)

    def score(self, rows: Rows, context: Context) -> Scores:
        """float64 (n)."""
        rows = np.ascontiguousarray(rows, np.int64)
        if self.spec.cross_names:
            rows = self.inputs.check(rows)
        owner = _ONE_OWNER if rows.size <= _ONE_OWNER.size else np.zeros(rows.size, np.int32)
        return self._run(rows, self._contexts([context]), owner, self.inputs.crossed(rows, context))

    def score_many(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        """All jobs in one walk, so that small ones share the reading of the trees."""
        results: list[Scores | Exception] = [np.empty(0)] * len(jobs)
        sound: list[tuple[int, Job, NDArray[np.uint8], NDArray[np.float32]]] = []
        for place, job in enumerate(jobs):
            try:
                rows = self.inputs.check(job.rows)
                crossed = self.inputs.crossed(rows, job.context)
                sound.append((place, Job(rows, job.context), self._contexts([job.context]), crossed))
            except Exception as error:  # whatever a job fails with is its own
                results[place] = error
        if sound:
            sizes = [job.rows.size for _, job, _, _ in sound]
            scores = self._run(
                np.concatenate([job.rows for _, job, _, _ in sound]),
                np.concatenate([context for _, _, context, _ in sound]),
                np.repeat(np.arange(len(sound), dtype=np.int32), sizes),
                np.ascontiguousarray(np.concatenate([crossed for *_, crossed in sound], axis=1)),
            )
            parts = np.split(scores, np.cumsum(sizes)[:-1])
            for (place, *_), part in zip(sound, parts, strict=True):
                results[place] = part
        return results

    def _contexts(self, contexts: Sequence[Context]) -> NDArray[np.uint8]:
        rows = np.empty((len(contexts), self.layout.context.size), np.uint8)
        for row, context in zip(rows, contexts, strict=True):
            self.layout.context_row(context, _hash, row)
        return rows

    def _run(
        self,
        rows: Rows,
        contexts: NDArray[np.uint8],
        owner: NDArray[np.int32],
        crossed: NDArray[np.float32],
    ) -> Scores:
        forest, layout = self.forest, self.layout
        ruler = layout.crossed.ruler
        out = np.empty(rows.size)
        outside = walk(forest.levels, forest.deep)(
            self.table,
            rows,
            contexts,
            owner,
            crossed,
            layout.crossed.sources,
            ruler.borders,
            ruler.of_nan,
            layout.offsets,
            layout.thresholds,
            forest.starts,
            forest.leaves,
            out,
        )
        if outside >= 0:
            raise row_error(int(rows[outside]), self.inputs.catalogue)
        finish(out, forest.scale, forest.bias, forest.probability)
        return out
