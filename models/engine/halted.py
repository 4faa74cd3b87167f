"""An engine for a version that must not score: it says why, and never does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from models.catalogue.catalogue import Items
from models.engine.protocol import Columns, EngineError, Job, Rows, Scores
from models.features import Context, FeatureSpec

_NOTHING = FeatureSpec((), (), (), (), (), ())


@dataclass(frozen=True)
class Halted:
    """No model. Every call for scores or features raises EngineError with the reason."""

    reason: str
    digest: str = ""
    spec: FeatureSpec = _NOTHING
    kind: Literal["none"] = field(default="none", init=False)

    def on(self, items: Items) -> Self:
        """Itself."""
        return self

    def score(self, rows: Rows, context: Context) -> Scores:
        """Raises EngineError."""
        raise EngineError(self.reason)

    def score_many(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        """An EngineError for each job."""
        return [EngineError(self.reason) for _ in jobs]

    def features(self, rows: Rows, context: Context) -> Columns:
        """Raises EngineError."""
        raise EngineError(self.reason)
