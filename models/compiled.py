"""Numba as this project uses it: no GIL, compiled once, kept on disk.

A second process start loads machine code instead of compiling it. Where the code is kept is decided once,
before any compiled module is imported: `keep_in(folder)`, or the environment's NUMBA_CACHE_DIR, which Numba
reads itself. With neither, it is the source's `__pycache__`, or the user's cache folder where that can't be
written.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])
_COMPILED_MODULES = ("models.idindex", "models.engine.kernel", "models.engine.quantise")


def keep_in(folder: Path) -> None:
    """Keep machine code under `folder`. Raises RuntimeError once a compiled module has been imported."""
    late = [name for name in _COMPILED_MODULES if name in sys.modules]
    if late and str(folder) != numba.config.CACHE_DIR:
        raise RuntimeError(f"the folder for compiled code must be chosen before {late[0]} is imported")
    folder.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(folder)


def compiled(function: _Function) -> _Function:
    """`function` compiled on first call for its argument types; releases the GIL; strict IEEE arithmetic."""
    return numba.njit(function, nogil=True, cache=True, error_model="numpy")  # type: ignore[no-any-return]
