"""What is judged, and the evidence about it: read once, when a check first asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.catalogue import Catalogue
    from models.declaration import Declaration
    from models.engine import Engine


class EvidenceError(ValueError):
    """Evidence that is not there or not readable; the message names the file."""


@dataclass(frozen=True, eq=False)
class Subject:
    """One version before the gate.

    `package` is its downloaded folder and `champion` that of the version it would follow (None for a first
    one), `catalogues` the folder of all snapshots, `declaration` the served ranker.toml, whose [expect]
    people own outside training, `log` the decision log, `now` unix seconds.
    """

    ranker: str
    version: str
    package: Path
    catalogues: Path
    declaration: Path | None = None
    champion: Path | None = None
    log: Path | None = None
    now: float = 0.0

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """manifest.json. Raises EvidenceError."""
        return read_json(self.package / "manifest.json")

    @cached_property
    def declared(self) -> Declaration:
        """The declaration that training resolved. Raises DeclarationError."""
        from models.declaration import Declaration

        return Declaration.from_json((self.package / "declaration.json").read_text(encoding="utf-8"))

    @cached_property
    def served(self) -> Declaration:
        """The declaration that people keep: ranker.toml as it is now, else the one of training."""
        from models.declaration import read

        return self.declared if self.declaration is None else read(self.declaration)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The snapshot that training wrote. Raises CatalogueError."""
        from models.catalogue import Catalogue

        return Catalogue.open(self.catalogues / str(self.manifest["snapshot"]))

    @cached_property
    def engine(self) -> Engine:
        """The version as it would serve."""
        from models.engine import load_engine

        return load_engine(self.package, self.catalogue)

    @cached_property
    def model(self) -> Any:
        """The version as CatBoost reads it."""
        import catboost

        return catboost.CatBoost().load_model(str(self.package / "model.cb"))


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object from a file. Raises EvidenceError."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{path.name} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise EvidenceError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise EvidenceError(f"{path.name} is not a JSON object")
    return found
