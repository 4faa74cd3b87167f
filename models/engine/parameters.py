"""What a CatBoost model says of its training: all parameters, or, of a sum of models, its loss alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def parameters(model: Any) -> dict[str, Any]:
    """The parameters as `get_all_params` has them; of a sum of models its loss alone."""
    import catboost

    try:
        found: dict[str, Any] = model.get_all_params() if model.is_fitted() else {}
    except catboost.CatBoostError:  # catboost.sum_models keeps the parameters of its parts under other names
        return stated(dict(model.get_metadata()))
    return found


def stated(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The loss that a model's metadata states beside its parameters, as text: {"loss_function": "Logloss"}.

    >>> stated({"loss_function": '{"type":"Quantile","params":{"alpha":"0.9"}}', "params": ""})
    {'loss_function': 'Quantile:alpha=0.9'}
    """
    loss = metadata.get("loss_function")
    if isinstance(loss, str):
        loss = json.loads(loss or "{}")
    if not loss:
        return {}
    given = loss.get("params", {}).items()
    own = ";".join(f"{name}={value}" for name, value in given if not name.startswith("__"))
    return {"loss_function": f"{loss['type']}:{own}" if own else loss["type"]}
