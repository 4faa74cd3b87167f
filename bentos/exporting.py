"""The exploration slice as a training set: what was shown by chance, how likely that was, what came of it.

A ranker that learns from its own answers learns what it already believes. In the slice the order was drawn,
so that positions say nothing about the items; `weight` makes up for draws that aren't uniform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from bentos.rescoring import candidates_of
from bentos.state import Home
from experiments import plackett_luce
from experiments.config import Exploration, Live
from experiments.question import AnalysisError
from models.catalogue import Catalogue, CatalogueError
from models.declaration import Declaration
from models.package import PackageError, read_declaration
from models.served import ServedDecision, served_frame

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

BATCH = 1_000  # decisions that are held at once
OWN = (
    *("request_id", "unit", "time", "version", "snapshot", "item", "position", "score"),
    *("label", "outcome", "outcome_time", "propensity", "weight"),
)
"""Columns beside the features."""


@dataclass(frozen=True)
class Exported:
    """What is in the file. `left_out`: reason → explored decisions (or rows) that aren't.

    `matured`: rows with an outcome of their own; the others count as label 0.
    """

    decisions: int
    rows: int
    matured: int
    versions: Mapping[str, int]
    left_out: Mapping[str, int]
    features: tuple[str, ...]


def export(
    home: Home,
    file: Path,
    between: tuple[float | None, float | None] = (None, None),
    settle_hours: float = 0.0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the explored decisions of a window, one row per request and known item shown, as Parquet.

    `between`: first and last moment of the event, unix seconds, half open. Decisions younger than
    `settle_hours` at the log's end are left out. `on_progress` is called with (decisions so far, in all).

    Raises AnalysisError where no decision can be exported.
    """
    from monitoring.log import window

    with window(home.log, *between) as log:
        rows = log.sql(_EXPLORED, [settle_hours * 3600])
    source, left_out = _Source(home), Counter[str]()
    usable = [row for row in rows.itertuples() if _counted(source.refusal(row), left_out)]
    if not usable:
        raise AnalysisError(f"log: none of {len(rows)} explored decisions can be exported: {dict(left_out)}")
    features = _features(source, usable)
    written, matured, kept = 0, 0, Counter[str]()
    with _Writer(file, (*OWN, *features)) as writer:
        for batch in _batches(usable):
            frame = _frame(source, batch)
            known = frame["weight"].notna()
            left_out["rows without a propensity"] += int((~known).sum())
            writer.write(frame[known])
            written += int(known.sum())
            matured += int(frame.loc[known, "outcome"].notna().sum())
            kept[batch[0].model] += len(batch)
            if on_progress is not None:
                on_progress(sum(kept.values()), len(usable))
    found = {reason: n for reason, n in left_out.items() if n}
    return Exported(len(usable), written, matured, dict(kept), found, features)


_EXPLORED = """
WITH known AS (
    SELECT request_id, list(item) AS items, list(value) AS worth, list(outcome_time) AS known_at
    FROM joined WHERE explored AND value IS NOT NULL GROUP BY 1
)
SELECT decisions.*, known.items AS known_items, known.worth, known.known_at
FROM decisions LEFT JOIN known USING (request_id)
WHERE explored AND time <= (SELECT coalesce(max(time), 0) FROM decisions) - ?
ORDER BY model, snapshot, time"""


class _Source:
    """What records refer to: packages, snapshots, live files; each opened once."""

    def __init__(self, home: Home) -> None:
        self.catalogue = cache(lambda snapshot: _catalogue(home.catalogue / snapshot))
        self.declaration = cache(lambda model: _declaration(home.version(model.rpartition("/")[2])))
        self.exploration = cache(lambda digest: _exploration(home.compiled(digest)))

    def of(self, row: Any) -> tuple[Declaration, Catalogue, Exploration]:
        """What a decision that is not refused refers to."""
        found = self.declaration(row.model), self.catalogue(row.snapshot), self.exploration(row.experiments)
        return cast("tuple[Declaration, Catalogue, Exploration]", found)

    def refusal(self, row: Any) -> str | None:
        """Why a decision can't be exported, if it can't."""
        if not len(row.candidates) or len(row.slate) != len(row.scores):
            return "with a reduced record"
        if np.isnan(np.asarray(row.scores, float)).all():
            return "without scores: under a fallback"
        if not isinstance(row.known_items, list | np.ndarray):
            return "without outcomes"
        if self.exploration(row.experiments) is None:
            return "whose live.yaml is gone"
        if self.declaration(row.model) is None:
            return "whose version is not here"
        return None if self.catalogue(row.snapshot) is not None else "whose catalogue snapshot is gone"


def _catalogue(folder: Path) -> Catalogue | None:
    try:
        return Catalogue.open(folder)
    except CatalogueError:
        return None


def _declaration(package: Path) -> Declaration | None:
    try:
        return read_declaration(package)
    except PackageError:
        return None


def _exploration(compiled: Path) -> Exploration | None:
    return Live.from_json(compiled.read_bytes()).exploration if compiled.is_file() else None


def _counted(reason: str | None, left_out: Counter[str]) -> bool:
    if reason is not None:
        left_out[reason] += 1
    return reason is None


def _features(source: _Source, usable: list[Any]) -> tuple[str, ...]:
    """The features of all versions in the file; those that a version lacks are missing in its rows."""
    one_each = {row.model: row for row in usable}.values()
    names = dict.fromkeys(name for row in one_each for name in source.of(row)[0].spec.names)
    if taken := sorted(set(names) & set(OWN)):
        raise AnalysisError(f"export: features {', '.join(taken)} have the names of columns of the export")
    return tuple(names)


def _batches(usable: list[Any]) -> Iterator[list[Any]]:
    """Decisions of one version and snapshot at a time."""
    batch: list[Any] = []
    for row in usable:
        alike = batch and (batch[0].model, batch[0].snapshot) == (row.model, row.snapshot)
        if batch and (not alike or len(batch) == BATCH):
            yield batch
            batch = []
        batch.append(row)
    yield batch


def _frame(source: _Source, batch: list[Any]) -> pd.DataFrame:
    import pandas as pd

    declaration, catalogue, _ = source.of(batch[0])
    shown = [_shown(row, source.of(row)[2], catalogue) for row in batch]
    columns = {name: np.concatenate([each[name] for each in shown]) for name in shown[0]}
    served = served_frame(
        declaration,
        catalogue,
        [
            ServedDecision(
                row.request_id,
                row.time,
                items["item"].tolist(),
                items["score"].tolist(),
                orjson.loads(row.context),
            )
            for row, items in zip(batch, shown, strict=True)
        ],
    )
    features = served.drop(columns=["request_id", "time", "item", "score"])
    own = pd.DataFrame(columns)
    own["time"] = pd.to_datetime(own["time"], unit="s", utc=True)
    own["outcome_time"] = pd.to_datetime(own["outcome_time"], unit="s", utc=True)
    return pd.concat([own, features], axis=1)


def _shown(row: Any, exploration: Exploration, catalogue: Catalogue) -> dict[str, NDArray[Any]]:
    """The columns beside the features: a row per known item of the slate."""
    candidates = candidates_of(row)
    scores = np.asarray(row.scores, float)
    slate, listed = np.asarray(row.slate), catalogue.rows(candidates) >= 0
    known = np.flatnonzero(~np.isnan(scores) & listed[slate])  # positions; unknown candidates are at the end
    places, total = slate[known], int(listed.sum())
    drawn = chances(exploration, total, scores[known])
    if isinstance(row.correction, str) and exploration.policy == "plackett-luce":
        drawn = np.full(len(known), np.nan)  # drawn by the model's own scores, which the record hasn't got
    worth = dict(zip(row.known_items, zip(row.worth, row.known_at, strict=True), strict=True))
    outcomes = np.array([worth.get(row.candidates[place], (np.nan, np.nan)) for place in places], float)
    alike = {"request_id": row.request_id, "unit": row.unit, "version": row.model, "snapshot": row.snapshot}
    return {
        **{name: np.full(len(known), value, dtype=object) for name, value in alike.items()},
        "time": np.full(len(known), row.time),
        "item": np.array([candidates[place] for place in places], dtype=object),
        "position": known,
        "score": scores[known],
        "label": np.nan_to_num(outcomes[:, 0]),
        "outcome": outcomes[:, 0],
        "outcome_time": outcomes[:, 1],
        "propensity": np.asarray(row.propensities, float)[known],
        "weight": 1 / (total * drawn),
    }


def chances(exploration: Exploration, total: int, scores: Floats) -> Floats:
    """Probability with which the slice's policy alone put the item at its position: float64[k].

    `scores`: those of the slate as drawn, of `total` known candidates. NaN where that isn't known:
    Plackett-Luce beyond the first positions, or where the slate was cut and with it the other scores.
    """
    count = len(scores)
    if exploration.policy == "plackett-luce":
        if count < total:
            return np.full(count, np.nan)
        weights = plackett_luce.log_weights(scores, exploration.temperature or 1.0)
        return plackett_luce.marginals(weights, np.arange(count))
    top = min(exploration.top, total) if exploration.policy == "top-k" and exploration.top else total
    return np.where(np.arange(count) < top, 1 / top, 1.0)


class _Writer:
    """A Parquet file that grows by frames, whole or not there at all; the first frame's types hold."""

    def __init__(self, file: Path, columns: tuple[str, ...]) -> None:
        self._file, self._columns = file, columns
        self._draft = file.with_name(f".{file.name}.draft")
        self._writer: Any = None

    def __enter__(self) -> _Writer:
        return self

    def write(self, frame: pd.DataFrame) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(frame.reindex(columns=list(self._columns)), preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._draft, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def __exit__(self, kind: object, *rest: object) -> None:
        if self._writer is not None:
            self._writer.close()
            if kind is None:
                self._draft.replace(self._file)
            else:
                self._draft.unlink(missing_ok=True)
