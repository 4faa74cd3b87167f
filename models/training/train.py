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

import catboost
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models import package
from models.catalogue.catalogue import write_catalogue
from models.contexts.learn import learn
from models.contexts.reference import ContextReference, write_contexts
from models.declaration.declaration import Declaration
from models.declaration.refusal import DeclarationError
from models.features import MISSING, Columns
from models.table import dataset
from models.table.dataset import Rows, Table
from models.training import evaluation, evidence
from models.training.adopt import as_trained, in_its_order, open_foreign
from models.training.revision import revision

OnProgress = Callable[[int, int], None]
OnStep = Callable[[str], None]
Floats = NDArray[np.float64]

# Up to 255 values, a category is compared, not counted: no statistics of the label are kept inside the model.
ONE_HOT = 255


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


@dataclass(frozen=True, eq=False)
class Fitted:
    """A CatBoost model and the table it was fitted on."""

    table: Table
    model: Any

    def predict(self, features: Columns) -> Floats:
        """float64 (n): the raw score for ranking, the probability of 1 for two classes."""
        kind = "RawFormulaVal" if self.table.declaration.ranks else "Probability"
        found = np.asarray(self.model.predict(_pool(self.table.declaration, features), prediction_type=kind))
        return np.ascontiguousarray(found if found.ndim == 1 else found[:, 1], dtype=np.float64)


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
    features = table.features(rows)
    scores = fitted.predict(features)
    found = evaluation.document(table, scores, features)
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


def fit(table: Table, on_progress: OnProgress | None = None) -> Fitted:
    """Fit CatBoost on the table's training part.

    Raises:
        DeclarationError: CatBoost refuses the objective's or ranker.params' parameters.
    """
    own = table.declaration.ranker
    rows = np.flatnonzero(table.train)
    pool = _pool(table.declaration, table.features(rows), table.label[rows], _groups(table, rows))
    if table.weight is not None:
        pool.set_weight(table.weight[rows])
    try:
        model = catboost.CatBoost(_params(table.declaration))
        model.fit(pool, callbacks=[_Progress(own.trees, on_progress)] if on_progress else None)
    except (catboost.CatBoostError, TypeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [repr(error)])[-1]
        key, value = ("ranker.params", own.params) if own.params else ("ranker.objective", own.objective)
        raise DeclarationError(
            table.declaration.file, key, value, f"is refused by CatBoost: {reason}"
        ) from error
    return Fitted(table, model)


def _params(declaration: Declaration) -> dict[str, Any]:
    own = declaration.ranker
    return {
        "loss_function": own.objective,
        "iterations": own.trees,
        "depth": own.depth,
        "learning_rate": own.learning_rate,
        "random_seed": own.seed,
        "one_hot_max_size": ONE_HOT,
        "allow_writing_files": False,
        "logging_level": "Silent",
        **own.params,
    }


def _groups(table: Table, rows: Rows) -> Rows | None:
    return table.request[rows] if table.declaration.ranks else None


def _pool(
    declaration: Declaration, features: Columns, label: Floats | None = None, groups: Rows | None = None
) -> Any:
    categorical = list(declaration.spec.categorical)
    if categorical:
        return catboost.Pool(frame(features), label=label, group_id=groups, cat_features=categorical)
    matrix = np.empty((len(next(iter(features.values()))), len(features)), np.float32, order="F")
    for place, column in enumerate(features.values()):
        matrix[:, place] = column
    return catboost.Pool(matrix, label=label, group_id=groups, feature_names=list(features))


def frame(features: Columns) -> pd.DataFrame:
    """Features as CatBoost takes them: float32 and text columns in the model's order."""
    columns = {
        name: pd.Series(column, dtype=object) if column.dtype == object else np.ascontiguousarray(column)
        for name, column in features.items()
    }
    return pd.DataFrame(columns)


class _Progress:
    """CatBoost's callback after every tree."""

    def __init__(self, trees: int, report: OnProgress) -> None:
        self._trees, self._report = trees, report

    def after_iteration(self, info: Any) -> bool:
        self._report(int(info.iteration), self._trees)
        return True


def _catalogue(table: Table, home: Path) -> str:
    """Write the items' snapshot and return its id.

    It holds every item of the table, also those of times after the training, so that `replay` can ask about
    them: what a row says about its history was known on the day before it, whenever the model was trained.
    """
    spec, rows = table.declaration.spec, table.latest
    categorical = {
        name: [None if text == MISSING else text for text in table.values[name][rows]]
        for name in spec.item_categorical
    }
    ids = table.items[rows]
    return write_catalogue(
        home / table.declaration.name / "catalogue",
        ids.tolist() if ids.dtype == object else ids,
        {name: table.values[name][rows] for name in spec.item_numeric},
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
