"""Where versions are made, healthy or broken on purpose: one declared table, one champion, one catalogue.

A fault can sit in what the model is fitted on, in what training believes of itself (certificate, reference,
evaluation), in the model after fitting, in the declaration, or in the files. Everything else is as
`ballast train` does it.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from models import package
from models.contexts.learn import learn
from models.contexts.reference import write_contexts
from models.declaration.declaration import Declaration, read
from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Verdict
from models.table import dataset
from models.table.coded import Values
from models.table.dataset import Table
from models.training import evaluation, evidence
from models.training.fitting import Fitted, fit
from models.training.makeup import training
from models.training.train import _catalogue

Change = Callable[["Shop", Table], Table]


@dataclass(frozen=True)
class Recipe:
    """How a version is made. Training computes its proof from what it fitted, unless it is `honest`."""

    fitted: Change | None = None
    honest: bool = False  # the proof is computed from the healthy table
    model: Callable[[Shop, Any], Any] | None = None
    declared: Callable[[Declaration], Declaration] | None = None
    files: Callable[[Shop, Path], None] | None = None
    catalogue: Change | None = None


@dataclass
class Shop:
    """A declared table with its champion. `count` numbers the versions."""

    origin: Path
    home: Path
    champion_settings: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    @cached_property
    def declared(self) -> Declaration:
        return read(self.origin)

    @cached_property
    def table(self) -> Table:
        return dataset.read(self.declared, self.home)

    @cached_property
    def champion(self) -> Path:
        return self.version(Recipe(declared=lambda own: own.with_ranker(**self.champion_settings)))

    @cached_property
    def watched(self) -> Path:
        """The champion with what training learns of contexts; only the guard reads that."""
        folder = self.home / "made" / "watched"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.champion, folder, ignore=shutil.ignore_patterns(".logged_digest"))
        learnt = learn(self.table)
        assert learnt is not None, "a ranker with contexts"
        write_contexts(folder, learnt)
        package.write_manifest(folder, package.read_manifest(folder))
        (folder / ".logged_digest").write_text(package.sha256(folder / package.MANIFEST))
        return folder

    @cached_property
    def _snapshots(self) -> dict[int, str]:
        return {}

    def snapshot(self, table: Table) -> str:
        """Write the table's catalogue once."""
        if id(table) not in self._snapshots:
            self._snapshots[id(table)] = _catalogue(table, self.home)
            self._keep.append(table)
        return self._snapshots[id(table)]

    @cached_property
    def _keep(self) -> list[Table]:
        return []

    def version(self, recipe: Recipe) -> Path:
        """Train a version by a recipe and write its package."""
        declared = recipe.declared(self.table.declaration) if recipe.declared else self.table.declaration
        healthy = dataclasses.replace(self.table, declaration=declared)
        fitted_on = recipe.fitted(self, healthy) if recipe.fitted else healthy
        told = healthy if recipe.honest else fitted_on
        model = fit(fitted_on).model if recipe.fitted else self._healthy(healthy)
        if recipe.model is not None:
            model = recipe.model(self, model)
        source = recipe.catalogue(self, healthy) if recipe.catalogue else self.table
        made = self._written(Fitted(told, model), self.snapshot(source), training(fitted_on))
        if recipe.files is not None:
            recipe.files(self, made)
        return made

    def _healthy(self, table: Table) -> Any:
        """A copy of the model that the healthy table gives, which is fitted once per declaration."""
        digest = table.declaration.digest
        if digest not in self._models:
            self._models[digest] = fit(table).model
        return self._models[digest].copy()

    @cached_property
    def _models(self) -> dict[str, Any]:
        return {}

    def _written(self, fitted: Fitted, snapshot: str, trained_on: dict[str, Any]) -> Path:
        self.count += 1
        folder, table = self.home / "made" / str(self.count), fitted.table
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        rows = np.flatnonzero(table.test)
        scores = fitted.scores(rows)
        fitted.model.save_model(str(folder / package.MODEL))
        (folder / package.DECLARATION).write_text(table.declaration.to_json(), encoding="utf-8")
        document = {**evaluation.document(table, scores), "training": trained_on}
        (folder / package.EVALUATION).write_text(json.dumps(document), encoding="utf-8")
        package.write_certificate(folder, evidence.certificate(table, fitted.predict))
        evidence.reference(table, rows, scores).to_parquet(folder / package.REFERENCE, index=False)
        trained = np.flatnonzero(table.train)
        sample = evidence.reference(table, trained, np.full(len(trained), np.nan), evidence.TRAINING_ROWS)
        sample.to_parquet(folder / package.TRAINING, index=False)
        own = package.PackageManifest(table.declaration.name, "test", table.digest, snapshot, time.time(), {})
        package.write_manifest(folder, own)
        (folder / ".logged_digest").write_text(package.sha256(folder / package.MANIFEST))
        return folder

    def judge(self, made: Path, first: bool = False) -> Verdict:
        """The gate's word on a version, against the champion or as a first one."""
        return judge(
            Subject(
                ranker=self.declared.name,
                version=made.name,
                package=made,
                catalogues=self.home / self.declared.name / "catalogue",
                declaration=self.origin,
                champion=None if first else self.champion,
                now=time.time(),
            )
        )

    def top(self, place: int = 0) -> str:
        """The item feature of numbers that matters most to the champion; with `place` the next ones."""
        return self.ranked()[place]

    def ranked(self) -> list[str]:
        """The item features of numbers, what matters most to the champion first."""
        import catboost

        model = catboost.CatBoost().load_model(str(self.champion / package.MODEL))
        importance = model.get_feature_importance(type="PredictionValuesChange")
        shares = dict(zip(model.feature_names_, importance, strict=True))
        return sorted(self.table.declaration.spec.item_numeric, key=lambda name: -shares[name])

    @property
    def category(self) -> str:
        """An item feature of words, else any."""
        spec = self.table.declaration.spec
        return (spec.item_categorical or spec.categorical)[0]


def with_values(table: Table, **columns: Any) -> Table:
    """The table with some feature columns replaced."""
    changed = dataclasses.replace(table)
    changed.__dict__["values"] = Values({**table.values, **columns})
    return changed


def with_labels(table: Table, label: Any) -> Table:
    changed = dataclasses.replace(table, label=np.asarray(label, np.float64))
    changed.__dict__["values"] = table.values
    return changed
