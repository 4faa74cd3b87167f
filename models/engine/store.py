"""A forest as one file of arrays: read in milliseconds and hardly holding the GIL, unlike the JSON."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine.counts import Projection, Statistic
from models.engine.trees import Forest, SplitColumn

_ARRAYS = ("column", "threshold", "starts", "leaves")
_SCALARS = ("scale", "bias", "probability", "levels", "deep", "trees")


def save_forest(path: Path, forest: Forest) -> None:
    """Write `forest`; `path` keeps its name whatever it ends with."""
    borders = [column.borders for column in forest.columns]
    keys = [one.keys for one in forest.statistics]
    described = {
        "scalars": {name: getattr(forest, name) for name in _SCALARS},
        "columns": [
            [one.feature, one.borders.size, one.nan_is_high, one.category, one.statistic]
            for one in forest.columns
        ],
        "statistics": [[asdict(one.projection), one.keys.size] for one in forest.statistics],
    }
    arrays: dict[str, NDArray[Any]] = {name: getattr(forest, name) for name in _ARRAYS}
    arrays["borders"] = np.concatenate([np.empty(0, np.float32), *borders])
    arrays["keys"] = np.concatenate([np.empty(0, np.uint64), *keys])
    arrays["values"] = np.concatenate([np.empty(0, np.float32), *(one.values for one in forest.statistics)])
    arrays["described"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_forest(path: Path) -> Forest:
    """Read what `save_forest` wrote.

    Raises OSError, EOFError, ValueError, KeyError or BadZipFile for anything else.
    """
    with np.load(path, allow_pickle=False) as found:
        arrays = {name: found[name] for name in (*_ARRAYS, "borders", "keys", "values", "described")}
    described = json.loads(arrays.pop("described").tobytes())
    borders, keys, values = (arrays.pop(name) for name in ("borders", "keys", "values"))
    columns = []
    for feature, size, nan_is_high, category, statistic in described["columns"]:
        columns.append(SplitColumn(feature, borders[:size], nan_is_high, category, statistic))
        borders = borders[size:]
    statistics = []
    for projection, size in described["statistics"]:
        statistics.append(Statistic(_projection(projection), keys[:size], values[: size + 1]))
        keys, values = keys[size:], values[size + 1 :]
    return Forest(columns=tuple(columns), statistics=tuple(statistics), **arrays, **described["scalars"])


def _projection(described: dict[str, Any]) -> Projection:
    return Projection(
        tuple(described["words"]),
        tuple((feature, border, high) for feature, border, high in described["numbers"]),
        tuple((feature, category) for feature, category in described["exact"]),
    )
