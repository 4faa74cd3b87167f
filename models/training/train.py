"""From a declaration to a version's package: fit on the earlier part, judge on the later, write the proof."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models import package
from models.catalogue.catalogue import write_catalogue
from models.contexts.learn import learn
from models.contexts.reference import ContextReference, write_contexts
from models.declaration.declaration import Declaration
from models.features import MISSING
from models.table import dataset
from models.table.dataset import Table
from models.training import evaluation, evidence
from models.training.adopt import as_trained, in_its_order, open_foreign
from models.training.fitting import Fitted, OnProgress, fit, frame
from models.training.revision import revision

OnStep = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class TrainResult:
    """What training made. `params` are those of [ranker], `sample` is a few rows of features.

    `ids` says how the items are named, in a sentence.
    """

    declaration: Declaration
    package: Path
    metrics: dict[str, float]
    params: dict[str, Any]
    data_digest: str
    snapshot: str
    sample: pd.DataFrame
    ids: str


def train(
    declaration: Declaration,
    home: Path,
    on_progress: OnProgress | None = None,
    on_step: OnStep | None = None,
    model: Path | None = None,
) -> TrainResult:
    """Train a ranker and write its package below home/NAME/packages, its catalogue below home/NAME/catalogue.

    Args:
        declaration: as read from a file, or with overrides (`with_ranker`).
        home: the state folder.
        on_progress: called with (trees so far, trees in all).
        on_step: called with the name of each step as it begins.
        model: a CatBoost model that was trained elsewhere, to be judged and packaged instead of one that is
            trained here.

    Raises:
        DeclarationError, DataError: naming file, key, value and rule; nothing is written then.

    A table of 40 requests for 3 items each, where the cheapest is bought:

    >>> from models.declaration.declaration import read
    >>> lines = ["item,request,day,bought,price"]
    >>> for request in range(40):
    ...     prices = [(request * step) % 17 for step in (3, 5, 7)]
    ...     for item, price in enumerate(prices):
    ...         day = f"2026-01-{request // 2 + 1:02}"
    ...         lines.append(f"{item},{request},{day},{int(price == min(prices))},{price}")
    >>> _ = Path("shop.csv").write_text("\\n".join(lines))
    >>> _ = Path("shop.toml").write_text('''
    ... ranker = { name = "shop", objective = "QueryRMSE", trees = 10, depth = 2 }
    ... [data]
    ... source = "shop.csv"
    ... item = "item"
    ... group = "request"
    ... time = "day"
    ... label = "bought"
    ... [features]
    ... numeric = ["price"]
    ... available_at = { "*" = "0h" }
    ... ''')
    >>> trained = train(read(Path("shop.toml")), Path("home"))
    >>> sorted(path.name for path in trained.package.glob("*.json"))
    ['declaration.json', 'evaluation.json', 'manifest.json']
    >>> trained.metrics["ndcg_10"] > trained.metrics["random_ndcg_10"]
    True
    """
    say = on_step or (lambda step: None)
    foreign = None if model is None else open_foreign(model)
    say("reading the table")
    if foreign is None:  # from here on the objective is named, and what it needs must be there
        declared = declaration.with_ranker(objective=declaration.ranker.objective)
    else:
        declared = as_trained(declaration, foreign)
    table = dataset.read(declared, home)
    if model is None:
        say("fitting")
        fitted = fit(table, on_progress)
    else:
        table = replace(table, declaration=in_its_order(table.declaration, foreign, model))
        fitted = Fitted(table, foreign)
    say("evaluating")
    rows = np.flatnonzero(table.test)
    scores = fitted.scores(rows)
    found = evaluation.document(table, scores)
    say("writing the package")
    snapshot = _catalogue(table, home)
    say("learning what contexts are healthy")
    contexts = learn(table)
    samples = {
        package.REFERENCE: evidence.reference(table, rows, scores),
        package.TRAINING: _trained_on(table),
    }
    folder = _write(fitted, home, snapshot, _Findings(found, samples, contexts))
    return TrainResult(
        declaration=table.declaration,
        package=folder,
        metrics=evaluation.metrics(found),
        params=table.declaration.ranker.model_dump(),
        data_digest=table.digest,
        snapshot=snapshot,
        sample=frame(table.features(rows[:5])),
        ids=_ids(table),
    )


def _ids(table: Table) -> str:
    column = table.declaration.data.item
    if column is None:
        return f"items are named by their rows, such as {table.items[0]}: [data] names no item"
    if table.items.dtype != object:
        return f"items are whole numbers, such as {table.items[0]} ({column})"
    first = next((each for each in table.items if not str(each).isalpha()), table.items[0])
    return f"items are text as it is written, such as {first!r} ({column})"


def _catalogue(table: Table, home: Path) -> str:
    """Write the items' snapshot and return its id.

    It holds every item of the table, also those of times after the training, so that `replay` can ask about
    them: what a row says about its history was known on the day before it, whenever the model was trained.
    """
    spec, rows = table.declaration.spec, table.latest
    categorical = {
        name: [None if text == MISSING else text for text in table.values.at(name, rows)]
        for name in spec.item_categorical
    }
    ids = table.items[rows]
    return write_catalogue(
        home / table.declaration.name / "catalogue",
        ids.tolist() if ids.dtype == object else ids,
        {name: table.values.at(name, rows) for name in spec.item_numeric},
        categorical,
        time.time(),
    )


def _trained_on(table: Table) -> pd.DataFrame:
    """A sample of the training part, for drift. The model's scores on its own rows are too good."""
    rows = np.flatnonzero(table.train)
    return evidence.reference(table, rows, np.full(len(rows), np.nan), evidence.TRAINING_ROWS)


@dataclass(frozen=True, eq=False)
class _Findings:
    """What a package carries beside the model: its evaluation, samples by file, and what its contexts are."""

    evaluation: dict[str, Any]
    samples: dict[str, pd.DataFrame]
    contexts: ContextReference | None


def _write(fitted: Fitted, home: Path, snapshot: str, found: _Findings) -> Path:
    """Write the package beside its place, then move it there: a package is whole or absent."""
    declaration = fitted.table.declaration
    shelf = home / declaration.name / "packages"
    shelf.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=shelf))
    fitted.model.save_model(str(draft / package.MODEL))
    (draft / package.DECLARATION).write_text(declaration.to_json(), encoding="utf-8")
    (draft / package.EVALUATION).write_text(
        json.dumps(found.evaluation, indent=2, ensure_ascii=False), encoding="utf-8"
    )
    package.write_certificate(draft, evidence.certificate(fitted.table, fitted.predict))
    for name, sample in found.samples.items():
        sample.to_parquet(draft / name, index=False)
    if found.contexts is not None:
        write_contexts(draft, found.contexts)
    _picture(fitted.model, draft / "plots" / "importance.png")
    manifest = package.PackageManifest(
        declaration.name, revision(), fitted.table.digest, snapshot, time.time(), {}
    )
    package.write_manifest(draft, manifest)
    target = shelf / f"{declaration.digest}-{fitted.table.digest[:8]}"
    shutil.rmtree(target, ignore_errors=True)
    draft.chmod(0o755)  # mkdtemp's folders are for nobody else
    return draft.rename(target)


def _picture(model: Any, path: Path) -> None:
    """The 30 features that change the prediction most, in per cent of all change."""
    shares = np.asarray(model.get_feature_importance(type="PredictionValuesChange"))
    most = np.argsort(shares)[-30:]
    names = np.array(model.feature_names_)
    figure = Figure(figsize=(8, 2 + 0.22 * len(most)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.barh(names[most], shares[most])
    axes.set_xlabel("share of the prediction's change, %")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(str(path), dpi=110)
