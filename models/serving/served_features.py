"""Features and scores as they were served, worked out again from decision records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration
from models.engine import Inputs
from models.features import parse_context, trusted_cross

if TYPE_CHECKING:
    import pandas as pd


class ServedDecision(NamedTuple):
    """What of a record is needed: `items` and `scores` are those of the slate, `time` is in unix seconds."""

    request_id: str
    time: float
    items: list[str] | list[int]
    scores: list[float | None]
    context: Mapping[str, object]


def served_frame(
    declaration: Declaration,
    catalogue: Catalogue,
    decisions: Iterable[ServedDecision],
    functions: Collection[str] = (),
) -> pd.DataFrame:
    """One row per known item of each decision: `request_id`, `time`, `item`, every feature, `score`.

    `declaration` is that of the version that served and `catalogue` the snapshot that the records name;
    features come from the same code that serves. Of cross functions `functions` may be imported.
    """
    import pandas as pd

    spec = declaration.spec
    inputs = Inputs.of(spec, catalogue, trusted_cross(declaration.features.cross, functions))
    own = spec.numeric_position.keys() | spec.categorical_position.keys()
    parts: list[Mapping[str, Any]] = []
    for decision in decisions:
        rows = catalogue.rows(decision.items)
        known = np.flatnonzero(rows >= 0)
        context = parse_context(
            spec, {name: decision.context[name] for name in own & decision.context.keys()}
        )
        parts.append(
            {
                "request_id": np.full(len(known), decision.request_id, dtype=object),
                "time": np.full(len(known), decision.time),
                "item": np.array(decision.items, dtype=object)[known],
                **inputs.features(rows[known], context),
                "score": np.array(decision.scores, dtype=np.float64)[known],
            }
        )
    names = ("request_id", "time", "item", *spec.names, "score")
    return pd.DataFrame(stacked(names, parts) if parts else {})


def stacked(names: Iterable[str], parts: Iterable[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Columns of all requests below each other; empty ones where there is no request."""
    held = list(parts)
    return {name: np.concatenate([part[name] for part in held]) if held else np.empty(0) for name in names}
