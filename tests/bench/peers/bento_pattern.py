"""BentoML's documented pattern: a typed api in front, `bentoml.depends` on a batchable service behind it.

Everything is at BentoML's defaults but the client session's renewal, at which `depends` drops what is under
way: without it 6 to 26% of the answers would be errors. Ids travel to the runner, not features.
"""

from __future__ import annotations

from typing import Any

import bentoml
import numpy as np
from pydantic import BaseModel

from tests.bench.peers.stock import Stock, best_first


class RankRequest(BaseModel):
    """As `/rank` takes it."""

    unit: str
    candidates: list[int]
    context: dict[str, float]
    attributes: dict[str, str] = {}


class Ranked(BaseModel):
    """Best first."""

    items: list[int]
    scores: list[float]


@bentoml.service(
    name="pattern_scorer",
    workers=1,
    # Read from the service that is called, not from the one that calls.
    runner_connection={"max_requests": 10**9, "max_age": 1e9},
)
class Scorer:
    """The runner."""

    def __init__(self) -> None:
        self._stock = Stock()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=10_000)  # type: ignore[untyped-decorator]
    def score(self, jobs: list[dict[str, Any]]) -> list[np.ndarray]:
        """Scores of each job."""
        return self._stock.scores([(job["ids"], job["context"]) for job in jobs])


@bentoml.service(name="pattern", workers=1)
class Pattern:
    """The front."""

    scorer = bentoml.depends(Scorer)

    @bentoml.api  # type: ignore[untyped-decorator]
    async def rank(self, request: RankRequest, /) -> Ranked:
        """Rank the candidates."""
        [scores] = await self.scorer.to_async.score([{"ids": request.candidates, "context": request.context}])
        return Ranked(**best_first(request.candidates, np.asarray(scores)))
