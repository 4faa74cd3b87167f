"""Columns of two windows as pictures: Evidently's page, with our distances and limits.

Evidently takes 3 s of CPU and 300 MB to import, and 5 s for sixty columns, so that `report` starts this as a
process of its own, with the arguments COMPARED and PAGE.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.legacy.calculations.stattests import StatTest
from evidently.legacy.calculations.stattests.registry import register_stattest
from evidently.legacy.core import ColumnType
from evidently.presets import DataDriftPreset

from monitoring.drift.columns import ColumnDrift


def draw(compared: Path, page: Path) -> None:
    """Write a page of HTML from pickled (columns, frames), as `report` wrote it a moment ago."""
    columns, frames = pickle.loads(compared.read_bytes())  # noqa: S301 - our own
    _run(columns, frames).save_html(str(page))


def _run(columns: Sequence[ColumnDrift], frames: Sequence[pd.DataFrame]) -> Any:
    definition = DataDefinition(
        numerical_columns=[column.column for column in columns if column.kind == "numeric"],
        categorical_columns=[column.column for column in columns if column.kind == "categorical"],
    )
    reference, current = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    preset = DataDriftPreset(
        columns=[column.column for column in columns],
        method=_register(columns),
        per_column_threshold={column.column: column.limit for column in columns},
        drift_share=1 / len(columns),  # one column beyond its limit is drift: the limits know their number
    )
    return Report([preset]).run(current, reference)


def _register(columns: Sequence[ColumnDrift]) -> str:
    """Evidently's own statistics have limits that ignore the sample size; it is to show ours."""
    name = "ballast"
    distances = {column.column: (column.value, column.drifted) for column in columns}
    statistic = StatTest(
        name=name,
        display_name="rank distance (numbers), share distance (categories)",
        allowed_feature_types=[ColumnType.Numerical, ColumnType.Categorical],
    )
    register_stattest(statistic, lambda reference, current, kind, limit: distances[str(reference.name)])
    return name


def main() -> None:
    """Draw what the two arguments say."""
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
