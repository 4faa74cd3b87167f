"""The reference window that training writes: a frame, and labelled requests as a client would send them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.gate.compare import usable_slices
from models.gate.labelled import LabelledRows, thinned
from models.gate.window import RequestWindow
from models.package import REFERENCE

if TYPE_CHECKING:
    import pandas as pd


def reference_frame(package: Path, declared: Declaration) -> pd.DataFrame:
    """reference.parquet, with features as the model takes them: float32, or text with "" for missing."""
    import pandas as pd

    frame = pd.read_parquet(package / REFERENCE)
    categorical = {*declared.categorical}
    for name in declared.feature_names:
        if name in categorical:
            frame[name] = frame[name].astype(object).fillna("")
        else:
            frame[name] = frame[name].astype(np.float32)
    return frame


def labelled_rows(sample: pd.DataFrame, frame: pd.DataFrame, declared: Declaration) -> LabelledRows | None:
    """The rows of training's sample and of the reference window in their order; None without a sample."""
    import pandas as pd

    if not len(sample):
        return None
    both = pd.concat([sample, frame], ignore_index=True)
    timed = bool(both["time"].notna().all())
    if timed:
        both = both.sort_values("time", kind="stable", ignore_index=True)
    request = pd.factorize(both["request"].astype(str))[0]
    order = np.argsort(request, kind="stable")
    both, request = both.iloc[order], request[order]
    words = {*declared.categorical}
    return thinned(
        LabelledRows(
            features={
                name: both[name].fillna("").astype(str).to_numpy(object)
                if name in words
                else both[name].to_numpy(np.float32)
                for name in declared.feature_names
            },
            label=both["label"].to_numpy(np.float64),
            starts=np.searchsorted(request, np.arange(request.max() + 2)).astype(np.int64),
            names=(both["request"].astype(str) + "/" + both["item"].astype(str)).to_numpy(object),
            timed=timed,
            items=both["item"].astype(str).to_numpy(object) if both["item"].duplicated().any() else None,
        )
    )


def reference_window(frame: pd.DataFrame, declared: Declaration, source: str) -> RequestWindow:
    """The frame's requests: rows of one request stand together, and share their context."""
    request = frame["request"].to_numpy()
    first = np.flatnonzero(np.concatenate(([True], request[1:] != request[:-1])))
    labels = frame["label"].to_numpy(np.float64)
    return RequestWindow(
        source=source,
        ids=frame["item"].tolist(),
        starts=np.append(first, len(frame)).astype(np.int64),
        contexts=_contexts(frame.iloc[first], declared),
        labels=labels,
        positive=None if declared.ranks else labels > 0,
        slices=_slices(frame, declared),
        gain=declared.data.gain,
    )


def _contexts(frame: pd.DataFrame, declared: Declaration) -> list[dict[str, Any]]:
    """Raw contexts, one per row; what is missing is null."""
    columns = {name: frame[name].tolist() for name in declared.context}
    return [{name: _raw(values[place]) for name, values in columns.items()} for place in range(len(frame))]


def _raw(value: Any) -> Any:
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value


def _slices(frame: pd.DataFrame, declared: Declaration) -> dict[str, NDArray[Any]]:
    names = [*declared.data.slices, *declared.categorical]
    columns = {name: frame[name].astype(object).to_numpy() for name in names if name in frame}
    return usable_slices(columns, declared.data.slices)


def pool_ready(frame: pd.DataFrame, declared: Declaration) -> pd.DataFrame:
    """The frame as CatBoost takes it: the model's columns in the model's order."""
    return frame[list(declared.feature_names)]
