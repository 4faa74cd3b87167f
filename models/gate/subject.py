"""What is judged, and the evidence about it: read once, when a check first asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration, read
from models.declaration.functions import named_functions
from models.engine import Engine, load_engine
from models.features import parse_context
from models.gate.compare import Comparison
from models.gate.fits import Design
from models.gate.lately import recent_window, served_columns
from models.gate.reading import labelled_rows, pool_ready, reference_frame, reference_window
from models.gate.stats import Floats
from models.gate.tables import Declared, declared_table
from models.gate.window import RequestWindow, score
from monitoring.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

PROBES = 2000  # rows of the reference window on which directions are tried
SPREAD = 2000  # rows of the whole catalogue that are scored


class EvidenceError(UserError, ValueError):
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
        return Declaration.from_json((self.package / "declaration.json").read_text(encoding="utf-8"))

    @cached_property
    def served(self) -> Declaration:
        """The declaration that people keep: ranker.toml as it is now, else the one of training."""
        return self.declared if self.declaration is None else read(self.declaration)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The snapshot that training wrote. Raises CatalogueError."""
        return Catalogue.open(self.catalogues / str(self.manifest["snapshot"]), verify=True)

    @cached_property
    def engine(self) -> Engine:
        """The version as it would serve."""
        return load_engine(self.package, self.catalogue, self.functions)

    @property
    def functions(self) -> frozenset[str]:
        """The functions that may be imported for a version: those that the served ranker.toml names."""
        return named_functions(self.declaration)

    @cached_property
    def model(self) -> Any:
        """The version as CatBoost reads it."""
        import catboost

        return catboost.CatBoost().load_model(str(self.package / "model.cb"))

    @cached_property
    def before(self) -> Subject | None:
        """The champion, as a subject of its own; None for a first version."""
        if self.champion is None:
            return None
        return Subject(self.ranker, self.champion.name, self.champion, self.catalogues, self.declaration)

    @cached_property
    def training(self) -> Mapping[str, Any] | None:
        """The make-up of the training data, where the evaluation tells it."""
        found = read_json(self.package / "evaluation.json").get("training")
        return found if isinstance(found, Mapping) else None

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The reference window as training wrote it: one row per request and item, features and outcome."""
        return reference_frame(self.package, self.declared)

    @cached_property
    def sample(self) -> pd.DataFrame:
        """A sample of the rows that training had, as it read them; empty where the package has none."""
        import pandas as pd

        path = self.package / "training.parquet"
        return pd.read_parquet(path) if path.is_file() else pd.DataFrame()

    @cached_property
    def columns(self) -> Mapping[str, NDArray[Any]]:
        """The features of the reference window, by name: float32, or text."""
        categorical = {*self.declared.categorical}
        return {
            name: self.frame[name].to_numpy(object if name in categorical else np.float32)
            for name in self.declared.feature_names
        }

    @cached_property
    def reference(self) -> RequestWindow:
        """The reference window as labelled requests."""
        return reference_window(self.frame, self.declared, f"version {self.version}'s reference window")

    @cached_property
    def table(self) -> Declared | None:
        """The evaluation part of the declared table, read here: outcomes that no training has touched."""
        home = self.catalogues.parent.parent
        served = self.served
        if not served.ranker.named:  # a model that was trained elsewhere brings its own
            served = served.with_ranker(objective=self.declared.ranker.objective)
        return None if self.declaration is None else declared_table(served, home)

    @cached_property
    def rows(self) -> Design | None:
        """The labelled rows of the declared table, else those that the package has; None without any."""
        if self.table is not None:
            return self.table.rows
        found = labelled_rows(self.sample, self.frame, self.declared)
        return None if found is None else Design.of(found)

    @cached_property
    def recent(self) -> RequestWindow | None:
        """The last decisions of the log with what became of them; None where nothing was served yet."""
        found = None if self.log is None else recent_window(self.log)
        return None if found is None else replace(found, gain=self.served.data.gain)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The version and the champion on every labelled window: its own, the champion's, the log's."""
        made = (self._compared(window, trusted) for window, trusted in self._windows())
        return [comparison for comparison in made if comparison is not None]

    def _windows(self) -> Iterator[tuple[RequestWindow, bool]]:
        """Labelled windows, and whether their outcomes were noted by others than this version's training."""
        yield self.reference, False
        if self.before is not None and self.before.reference.ids != self.reference.ids:
            yield self.before.reference, True
        if self.table is not None:
            yield self.table.window, True
        if self.recent is not None:
            yield self.recent.labelled, True

    def _compared(self, window: RequestWindow, trusted: bool) -> Comparison | None:
        """Both versions on the items that both know, as each would serve; None where contexts don't suit."""
        for each in (self, self.before):
            if each is not None:
                window = window.only(window.known(each.catalogue))
        if not window.requests or not self._suits(window):
            return None
        before = self.before if self.before is not None and self.before._suits(window) else None
        its = None if before is None else score(window, before.engine, before.catalogue)
        return Comparison(window, score(window, self.engine, self.catalogue), its, trusted)

    def _suits(self, window: RequestWindow) -> bool:
        """Whether the window has the context that this version was trained to be given."""
        return window.as_asked or {*self.declared.context} <= window.context_names

    @cached_property
    def scored(self) -> Mapping[str, Floats]:
        """Scores by where they are from: every window, and rows spread over the whole catalogue."""
        found = {comparison.window.source: comparison.own for comparison in self.comparisons}
        rows = np.unique(np.linspace(0, self.catalogue.size - 1, SPREAD).astype(np.int64))
        empty = parse_context(self.engine.spec, {})
        return {**found, "the catalogue, without context": self.engine.score(rows, empty)}

    @cached_property
    def probes(self) -> pd.DataFrame:
        """Some rows of the reference window, features only, in the model's order."""
        step = max(1, len(self.frame) // PROBES)
        return self.frame[list(self.declared.feature_names)].iloc[::step].reset_index(drop=True)

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Raw scores of rows of features, float64."""
        return np.asarray(self.model.predict(pool_ready(frame, self.declared)), np.float64)

    @cached_property
    def other_columns(self) -> Mapping[str, Mapping[str, NDArray[Any]]]:
        """Features by name that the version's own are held to: the champion's, and those served lately."""
        found: dict[str, Mapping[str, NDArray[Any]]] = {}
        if self.before is not None:
            found[f"version {self.before.version}'s reference window"] = self.before.columns
        if self.recent is not None:
            found["recent decisions"] = self._served_lately(self.recent)
        return found

    def _served_lately(self, window: RequestWindow) -> Mapping[str, NDArray[Any]]:
        return served_columns(window.only(window.known(self.catalogue)), self.engine, self.catalogue)


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object from a file. Raises EvidenceError."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{path.name} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise EvidenceError(f"{path.name} is not a JSON object")
    return found
