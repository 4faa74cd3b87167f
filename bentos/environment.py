"""Where the project lies, and what libraries read from the environment when they are imported."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def prepare_libraries() -> None:
    """Compiled code is kept beside the state, and nothing calls home; what is set already stands."""
    home = os.environ.get("BALLAST_HOME") or str(ROOT / "var")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(home).expanduser().absolute() / "numba"))
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
