"""A cross function for declared tables of tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def cheap(
    items: Mapping[str, NDArray[Any]], context: Mapping[str, NDArray[Any]]
) -> Mapping[str, NDArray[np.float32]]:
    """How little an item costs under its request's load."""
    return {"cheap": (context["load"] - items["price"]).astype(np.float32)}
