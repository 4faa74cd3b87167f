"""A small snapshot for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.catalogue.snapshot import write_catalogue


def example(root: Path, created: float = 1.0) -> Path:
    """Three items with text ids, missing values among their two numbers and two words; its folder."""
    numeric = {"price": np.array([1.5, np.nan, -3.0], np.float32), "age": np.zeros(3, np.float32)}
    categorical = {"colour": ["red", None, "blue"], "shape": ["", "round", "round"]}
    return root / write_catalogue(root, ["a", "b", "ü\n"], numeric, categorical, created)
