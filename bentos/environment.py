"""Where the project lies, and what libraries read from the environment when they are imported."""

from __future__ import annotations

import os
from pathlib import Path

from bentos import import_guard

ROOT = Path(__file__).resolve().parents[1]


def prepare_libraries() -> None:
    """Compiled code is kept beside the state, and nothing calls home; what is set already stands.

    No module below the home is imported from here on.
    """
    said = {name.upper(): value for name, value in os.environ.items()}
    home = Path(said.get("BALLAST_HOME") or ROOT / "var").expanduser().absolute()
    import_guard.close(home, ROOT)
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home / "numba"))
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
