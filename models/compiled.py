"""Numba as this project uses it: no GIL, compiled once, kept on disk.

A second process start loads machine code instead of compiling it. Where the code is kept is decided once,
before any compiled module is imported: `keep_in(folder)`, or the environment's NUMBA_CACHE_DIR, which Numba
reads itself. With neither, it is the source's `__pycache__`, or the user's cache folder where that can't be
written.

Numba uses kept code again as long as the file of the outermost function is the same, even if a function
that it calls, in another file, has changed. So machine code is kept in a subfolder that is named after all
compiled sources together (`edition`).
"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils
from numba.extending import intrinsic

_Function = TypeVar("_Function", bound=Callable[..., Any])
_COMPILED_MODULES = (  # below `models`; a test finds those that are missing
    "catalogue.idindex",
    "catalogue.idlookup",
    "catalogue.idspans",
    "engine.cityhash",
    "engine.kernel",
    "engine.lanes",
    "engine.lookups",
    "engine.quantise",
)


def edition() -> str:
    """12 hex digits that change with the source of any compiled function."""
    here = Path(__file__)
    files = [here, *(here.parent / f"{name.replace('.', '/')}.py" for name in _COMPILED_MODULES)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def keep_in(folder: Path) -> None:
    """Keep machine code under `folder`. Raises RuntimeError once a compiled module has been imported."""
    place = str(folder / edition())
    late = [name for name in _COMPILED_MODULES if f"models.{name}" in sys.modules]
    if late and place != numba.config.CACHE_DIR:
        raise RuntimeError(f"the folder for compiled code must be chosen before models.{late[0]} is imported")
    numba.config.CACHE_DIR = place


if numba.config.CACHE_DIR:  # from the environment
    numba.config.CACHE_DIR = str(Path(numba.config.CACHE_DIR) / edition())


def compiled(function: _Function) -> _Function:
    """`function` compiled on first call for its argument types; releases the GIL; strict IEEE arithmetic."""
    return numba.njit(function, nogil=True, cache=True, error_model="numpy")  # type: ignore[no-any-return]


@intrinsic  # type: ignore[untyped-decorator]
def word_at(_typing: Any, text: Any, position: Any) -> Any:
    """Eight bytes of a u8 array from `position` on as one number, in one load; the caller keeps inside."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(start, [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return numba.types.uint64(text, numba.types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_typing: Any, values: Any, position: Any) -> Any:
    """Ask for the cache line of values[position], without waiting; any position is harmless."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(start, [arguments[1]]), ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [place.type, *[ir.IntType(32)] * 3])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(hint, [place, *(ir.Constant(ir.IntType(32), flag) for flag in (0, 3, 1))])
        return context.get_dummy_value()

    return numba.types.void(values, numba.types.int64), generate
