"""Machine code is kept where it was asked for, for this edition of the sources only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import compiled as under_test
from models.compiled import _COMPILED_MODULES, compiled, edition, prefetch, word_at

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "models" / "compiled.py"
ASK = "import sys; from models.catalogue import idindex; print(idindex._mix(idindex.ONE))"
LATE = """
from pathlib import Path
from models import compiled
from models.catalogue import idindex
compiled.keep_in(Path('elsewhere'))
"""


def test_the_environments_folder_is_used(tmp_path: Path) -> None:
    """NUMBA_CACHE_DIR, as the server sets it before anything is imported."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", ASK], env=environment, check=True, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == [edition()]
    assert list(tmp_path.rglob("*.nbi"))


def test_a_late_choice_is_refused(tmp_path: Path) -> None:
    """Once a compiled module is there, its folder is fixed."""
    found = subprocess.run([sys.executable, "-c", LATE], check=False, capture_output=True, text=True)
    assert found.returncode == 1
    sentence = "the folder for compiled code must be chosen before models.catalogue.idindex is imported"
    assert found.stderr.rstrip().endswith(sentence)


def _names_imported(tree: ast.Module) -> Iterator[str]:
    """Full names of all that a module imports: "numba.njit", "models.compiled.word_at"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _compiles(path: Path) -> bool:
    """Whether a file has code that Numba compiles: by what it imports, whatever it calls it."""
    names = list(_names_imported(ast.parse(path.read_text(encoding="utf-8"))))
    return any(
        name == "models.compiled"
        or name.startswith("models.compiled.")
        or name.partition(".")[0] in {"numba", "llvmlite"}
        for name in names
    )


def test_every_compiled_module_is_in_the_list() -> None:
    """One that is missing would be run from code compiled for its older source."""
    found = {
        ".".join(path.relative_to(ROOT / "models").with_suffix("").parts)
        for top in ("bentos", "models", "experiments", "monitoring")
        for path in (ROOT / top).rglob("*.py")
        if path != HERE and _compiles(path)
    }
    assert found == set(_COMPILED_MODULES)


@pytest.mark.parametrize(
    "name", ["compiled.py", *(f"{name.replace('.', '/')}.py" for name in _COMPILED_MODULES)]
)
def test_the_edition_follows_every_source(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte more in any of them is another edition; the same sources elsewhere are the same."""
    for each in ("compiled.py", *(f"{name.replace('.', '/')}.py" for name in _COMPILED_MODULES)):
        copy = tmp_path / each
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((HERE.parent / each).read_bytes())
    here = edition()
    monkeypatch.setattr(under_test, "__file__", str(tmp_path / "compiled.py"))
    assert edition() == here
    with (tmp_path / name).open("a") as source:
        source.write("\n")
    assert edition() != here
    assert len(edition()) == 12


@compiled
def _word(text: NDArray[np.uint8], position: int) -> np.uint64:
    prefetch(text, np.int64(-(2**40)))  # outside of everything: harmless
    return word_at(text, np.int64(position))


@given(st.binary(min_size=8, max_size=64), st.data())
def test_a_word_is_eight_bytes_from_any_position(text: bytes, data: st.DataObject) -> None:
    """Little-endian, aligned or not."""
    position = data.draw(st.integers(0, len(text) - 8))
    found = _word(np.frombuffer(text, np.uint8), position)
    assert found == int.from_bytes(text[position : position + 8], "little")


@compiled
def _quotient(upper: float, lower: float) -> float:
    return upper / lower


def test_arithmetic_is_ieees() -> None:
    """Division by zero is an infinity or NaN, as NumPy's; not Python's error."""
    assert _quotient(1.0, 0.0) == np.inf
    assert np.isnan(_quotient(0.0, 0.0))
