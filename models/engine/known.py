"""Which values of a category a model knows: those that its splits ask for, or that its statistics count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine.cityhash import category_hashes
from models.engine.counts import Projection, read_statistics


@dataclass(frozen=True, eq=False)
class KnownValues:
    """Which values are known (n). `counted`: by statistics, which have every value that training had."""

    mask: NDArray[np.bool_]
    counted: bool


def known(model: Mapping[str, Any], feature: int, values: Sequence[str]) -> KnownValues | None:
    """Whether a model knows each value (n) of a category.

    Args:
        model: its JSON (`save_model(format="json")`).
        feature: the category's place among all features.
        values: text, as the model is given it.

    Returns:
        None where the model asks nothing of this category alone: it is not used, or only in combinations.
    """
    hashed = category_hashes(list(values))
    asked = _asked(model, feature)
    found = np.isin(hashed, asked)
    own = [each for each in read_statistics(model, frozenset()) if each.projection == _alone(feature)]
    for statistic in own:
        found |= np.isin(statistic.projection.keys(lambda _: hashed, _no_numbers), statistic.keys)
    return KnownValues(found, bool(own)) if own or len(asked) else None


def _asked(model: Mapping[str, Any], feature: int) -> NDArray[np.uint32]:
    columns = model["features_info"].get("categorical_features") or ()
    values = [each.get("values") or () for each in columns if each["flat_feature_index"] == feature]
    return np.array([value & 0xFFFFFFFF for each in values for value in each], dtype=np.uint32)


def _alone(feature: int) -> Projection:
    return Projection((feature,), (), ())


def _no_numbers(_: int) -> NDArray[np.float32]:
    return np.zeros(0, dtype=np.float32)
