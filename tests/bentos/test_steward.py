"""The Steward's service costs the Ranker, which depends on it, nothing."""

from __future__ import annotations

import subprocess
import sys


def test_the_service_is_cheap_to_import() -> None:
    """The Ranker imports the Steward to depend on it: neither MLflow nor pandas nor CatBoost comes along."""
    slow = "mlflow", "pandas", "catboost", "matplotlib", "duckdb", "pyarrow", "sklearn"
    slow += (
        "scipy.stats",
        "scipy.special",
        "scipy.optimize",
    )  # numba imports the bare package
    code = f"import sys, bentos.steward; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
