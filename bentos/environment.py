"""Where the project lies, and what libraries read from the environment when they are imported."""

from __future__ import annotations

import gc
import os
import stat
from contextlib import suppress
from pathlib import Path

from bentos import import_guard

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = (20_000, 10, 10)
"""How seldom to look for cycles: what imports make stays; with Python's default they are a quarter slower."""


def prepare_libraries() -> None:
    """Compiled code is kept beside the state, and nothing calls home; what is set already stands.

    No module below the home is imported from here on; what is written is for this user alone.
    """
    said = {name.upper(): value for name, value in os.environ.items()}
    home = Path(said.get("BALLAST_HOME") or ROOT / "var").expanduser().absolute()
    import_guard.close(home, ROOT)
    os.umask(0o077)
    _close(home)
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "0")
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home / "numba"))
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    gc.set_threshold(*COLLECTION)


def _close(home: Path) -> None:
    """Let nobody else into a home that an earlier release left open; a folder that others share stays."""
    shared = home in (Path.home(), *ROOT.parents, ROOT)
    with suppress(OSError):
        status = home.stat()
        if not shared and status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX:
            home.chmod(0o700)
