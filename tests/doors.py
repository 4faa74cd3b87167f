"""An import-linter contract: a folder is entered by what its `__init__.py` names, and by nothing else."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Breach:
    """One import that goes past a folder's door."""

    importer: str
    imported: str
    folder: str  # whose `__all__` does not name it
    lines: tuple[int, ...]


class Doors(Contract):  # type: ignore[misc]
    """From outside a folder are imported the folder itself, and what its `__all__` names in it."""

    type_name = "doors"

    folders = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import between the given top-level folders."""
        breaches = [
            breach
            for module in sorted(graph.modules)
            if module.partition(".")[0] in self.folders
            for breach in _breaches(graph, module)
        ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import, with what to do about it."""
        for each in check.metadata["breaches"]:
            where = ", ".join(f"l.{line}" for line in each.lines)
            output.print_error(f"{each.importer} ({where}) imports {each.imported}", bold=False)
            output.print(
                f"    {each.folder}/__init__.py does not name it in __all__: import what is named there"
            )


def _breaches(graph: ImportGraph, importer: str) -> list[Breach]:
    found = []
    for imported in sorted(graph.find_modules_directly_imported_by(importer)):
        folder = _past(importer, imported)
        if folder is not None:
            lines = graph.get_import_details(importer=importer, imported=imported)
            numbers = tuple(sorted({int(line["line_number"]) for line in lines}))
            found.append(Breach(importer, imported, folder.replace(".", "/"), numbers))
    return found


def _past(importer: str, imported: str) -> str | None:
    """The outermost folder that `importer` is not in and whose door does not name the way to `imported`."""
    parts = imported.split(".")
    for depth in range(1, len(parts)):
        folder = ".".join(parts[:depth])
        inside = importer == folder or importer.startswith(f"{folder}.")
        named = names(folder)
        if not inside and named is not None and parts[depth] not in named:
            return folder
    return None


@cache
def names(folder: str) -> frozenset[str] | None:
    """What `__all__` of a folder's `__init__.py` names; None where it has none."""
    tree = ast.parse((ROOT / folder.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(_is_all(target) for target in node.targets):
            return frozenset(ast.literal_eval(node.value))
    return None


def _is_all(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "__all__"
