"""The tree is the architecture: every folder a map, every module a test file, no circle, no hidden import.

`pytest tests/test_layout.py -k bentos.home` looks at one folder.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.doors import names

ROOT = Path(__file__).resolve().parents[1]
TOPS = ("bentos", "models", "experiments", "monitoring")
OF_THE_SYSTEM = ("bench", "faults", "growth", "proofs", "serve")  # folders of tests of more than one module
SERVICES = ("bentos.ranker", "bentos.scorer", "bentos.steward")  # what serves pays for what they import
AT_ONCE = ("bentos.cli",)  # so does whoever asks for help


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {_name(path): path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))}
FOLDERS = {name: path.parent for name, path in FILES.items() if path.name == "__init__.py"}
MODULES = {name: path for name, path in FILES.items() if not path.name.startswith("__")}


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


def _imported(node: ast.AST) -> Iterator[str]:
    """The modules that an import statement names; `from folder import module` names the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            yield full if full in FILES else node.module


def _imports(name: str) -> set[str]:
    """Every module of the project that a file imports, wherever in the file that stands."""
    return {each for node in ast.walk(_tree(name)) for each in _imported(node) if each in FILES} - {name}


def _hidden(name: str) -> Iterator[tuple[int, str]]:
    """Imports that do not stand at the top of a file: line and module."""
    shown = set(_tree(name).body)
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import | ast.ImportFrom) and node not in shown:
            yield from ((node.lineno, each) for each in _imported(node))


@cache
def _served() -> frozenset[str]:
    """Modules that a serving process, or the command line before it knows its command, imports at once."""
    found: set[str] = set()
    ways = [*SERVICES, *AT_ONCE]
    while ways:
        name = ways.pop()
        if name not in found:
            found.add(name)
            ways += _imports(name)
    return frozenset(found)


def _circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_between_files() -> None:
    """Imports in functions and under TYPE_CHECKING count."""
    assert _circle({name: _imports(name) for name in FILES}) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_circle_between_neighbours(folder: str) -> None:
    """What lies side by side in a folder, files and folders, imports one another one way."""
    depth = folder.count(".") + 1
    graph: dict[str, set[str]] = defaultdict(set)
    for name in FILES:
        if name.startswith(f"{folder}."):
            own = ".".join(name.split(".")[: depth + 1])
            near = {".".join(each.split(".")[: depth + 1]) for each in _imports(name)}
            graph[own] |= {each for each in near if each.startswith(f"{folder}.")} - {own}
    assert _circle(graph) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_import_of_the_project_is_hidden(folder: str) -> None:
    """Neither in a function nor under TYPE_CHECKING."""
    found = [
        f"{name}:{line}: {each}"
        for name in FILES
        if FILES[name].parent == FOLDERS[folder]
        for line, each in _hidden(name)
        if each.partition(".")[0] in TOPS
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_only_what_serves_imports_libraries_late(folder: str) -> None:
    """Where no serving process pays, an import stands at the top of its file."""
    found = [
        f"{name}:{line}: {each}"
        for name in FILES
        if FILES[name].parent == FOLDERS[folder] and name not in _served()
        for line, each in _hidden(name)
        if each.partition(".")[0] not in TOPS
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_a_map(folder: str) -> None:
    """Its `__init__.py` has a sentence, a line for each file and folder, and what others may import."""
    text = ast.get_docstring(_tree(folder)) or ""
    inside = {path.stem for path in FOLDERS[folder].glob("*.py") if not path.name.startswith("__")}
    inside |= {path.parent.name for path in FOLDERS[folder].glob("*/__init__.py")}
    listed = {line.split()[0].removesuffix("/") for line in text.splitlines() if line.startswith("    ")}
    assert text.splitlines()[:1], "a sentence that says what the folder is"
    assert inside - listed == set(), "a line for each"
    assert names(folder) is not None, "__all__: what others may import"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_module_has_its_test_file(folder: str) -> None:
    """tests/ has the same folders, and in them one file for each module, named after it."""
    missing = []
    for path in MODULES.values():
        if path.parent == FOLDERS[folder]:
            test = ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")
            if not test.exists():
                missing.append(str(test.relative_to(ROOT)))
    assert missing == []


def test_a_test_file_has_its_module() -> None:
    """No test file is named after nothing."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        inside = path.relative_to(ROOT / "tests")
        if inside.parts[0] in OF_THE_SYSTEM or len(inside.parts) == 1:
            continue
        module = ROOT / inside.with_name(inside.name.removeprefix("test_"))
        if not module.exists() and inside.parts[:2] != ("monitoring", "rules"):
            found.append(str(inside))
    assert found == []


def test_a_class_name_means_one_thing() -> None:
    """No two public classes share a name."""
    defined = Counter(
        node.name
        for name in FILES
        for node in ast.walk(_tree(name))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in defined.items() if count > 1] == []


def test_the_services_are_there() -> None:
    """The names above are those of files."""
    assert {*SERVICES, *AT_ONCE} <= set(FILES)
    assert set(TOPS).isdisjoint(sys.stdlib_module_names)
