"""A window of the decision log against the reference that the served version carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bentos.home.state import Home
from bentos.offline.outcome_series import outcome_series
from bentos.offline.rescoring import Uncorrected
from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration
from models.package import REFERENCE, TRAINING, read_declaration
from models.serving.served_features import ServedDecision, served_frame
from monitoring.dates import to_day
from monitoring.drift.compare import Columns, Drift, compare
from monitoring.drift.report import write_report
from monitoring.errors import UserError
from monitoring.log.observations import MOMENT, Observations
from monitoring.log.version_name import VersionName
from monitoring.log.window import BOUNDED, LogWindow, window

MOST_DECISIONS = 3_000  # different requests sampled from the window: tens of thousands of rows say enough
DRAWN = 40_000  # decisions of the window among which they are looked for, however many there are
HASHES = 2**64


class DriftError(UserError):
    """A comparison that can't be made; the message says what is missing."""


class VersionShare(NamedTuple):
    """A version, and which share of its decisions is drawn."""

    model: str
    share: float


@dataclass(frozen=True)
class DriftFound:
    """What `compare_window` found, and the page with the pictures."""

    model: str
    decisions: int
    drift: Drift
    page: Path


def compare_window(home: Home, since: float | None, until: float | None) -> DriftFound:
    """Compare decisions with `since` <= event time < `until` (unix s) with the training reference.

    The version that answered most of them is looked at.

    Raises:
        DriftError: no decisions in the window, or the package of their version is not here.
    """
    with window(home.log, since, until, memory=BOUNDED) as log:
        model, decisions = _most_served(log)
        package = _package(home, model)
        declaration = read_declaration(package)
        current = served(log, home, VersionShare(model, min(1.0, DRAWN / decisions)), declaration)
    reference = reference_of(home, model)
    categorical = set(declaration.categorical)
    columns = Columns(
        numeric=[name for name in declaration.feature_names if name not in categorical],
        categorical=list(declaration.categorical),
        prediction="score",
        label="label",
        special={name: declaration.features.special_of(name) for name in declaration.numeric},
        grouped=declaration.data.group is not None,
    )
    series = outcome_series(reference, current, declaration)
    drift = compare(reference, current, columns, series=series)
    page = write_report(drift, reference, current, _page(home, current), f"{model}: drift since its training")
    return DriftFound(model, decisions, drift, page)


def reference_of(home: Home, model: str) -> pd.DataFrame:
    """What the version was trained and evaluated on. Raises DriftError where its package is not here."""
    package = _package(home, model)
    files = [package / name for name in (TRAINING, REFERENCE) if (package / name).is_file()]
    reference = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
    return reference.rename(columns={"request": "request_id"})


def _package(home: Home, model: str) -> Path:
    package = home.version(VersionName.parse(model).number)
    if not (package / REFERENCE).is_file():
        raise DriftError(f"{model}: its reference, {package / REFERENCE}, is not here")
    return package


def _most_served(log: LogWindow) -> tuple[str, int]:
    found = log.sql(
        "SELECT model, count(*) AS n FROM decisions GROUP BY model ORDER BY n DESC, model LIMIT 1"
    )
    if not len(found):
        raise DriftError("the window has no decisions; `ballast replay` makes some from real requests")
    return str(found["model"][0]), int(found["n"][0])


def served(log: LogWindow, home: Home, drawn: VersionShare, declaration: Declaration) -> pd.DataFrame:
    """A sample of a version's decisions as features, own scores and labels, a row per item that was served.

    At most `MOST_DECISIONS` different requests. Raises CatalogueError where a snapshot is gone.
    """
    own_scores = Uncorrected(home)
    parts = []
    for snapshot, some in _different(log, drawn).groupby("snapshot"):
        decisions = [
            ServedDecision(
                row.request_id,
                row.time,
                [int(item) for item in row.items] if row.integer_ids else list(row.items),
                own_scores.of(row.scores, row.correction),
                json.loads(row.context),
            )
            for row in some.itertuples()
        ]
        catalogue = Catalogue.open(home.catalogue / str(snapshot))
        parts.append(served_frame(declaration, catalogue, decisions, home.functions))
    frame = pd.concat(parts, ignore_index=True)
    frame["item"] = frame["item"].astype(str)
    labels = log.sql(
        """SELECT request_id, item, arg_max(value, time) AS label FROM told
           WHERE request_id IN (SELECT unnest(?)) GROUP BY request_id, item""",
        [frame["request_id"].unique().tolist()],
    )
    return frame.merge(labels, on=["request_id", "item"], how="left")


def _different(log: LogWindow, drawn: VersionShare) -> Any:
    """A sample of a version's decisions, one per observation: fifty viewers of a list tell what one does.

    Ids decide which are drawn, so that of the others no more is read than these.
    """
    rows: Any = log.sql(
        """SELECT request_id, time, snapshot, context, integer_ids, scores, correction, candidates,
             list_transform(slate, lambda place: candidates[place + 1]) AS items
           FROM (SELECT *, hash(request_id) AS drawn FROM decisions
               WHERE model = ? AND hash(request_id) <= ?
             QUALIFY row_number() OVER (
               PARTITION BY floor(time / ?), list_sort(candidates), context ORDER BY drawn) = 1
             ORDER BY drawn LIMIT ?)""",
        [drawn.model, round(drawn.share * (HASHES - 1)), MOMENT, MOST_DECISIONS],
    )
    seen = Observations()
    asked = zip(rows["candidates"], rows["time"], rows["context"], strict=True)
    return rows[[seen.new(items, time, json.loads(context)) for items, time, context in asked]]


def _page(home: Home, current: pd.DataFrame) -> Path:
    first, last = (to_day(float(moment)) for moment in (current["time"].min(), current["time"].max()))
    return home.reports / f"drift-{first}-{last}.html"
