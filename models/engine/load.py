"""A package and a snapshot → the engine that serves them, proven."""

import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration
from models.engine.catboost_engine import CatBoostEngine, open_model, predict
from models.engine.fast import KernelEngine
from models.engine.files import Keep, model_digest
from models.engine.fill import Filler
from models.engine.inputs import Inputs
from models.engine.layout import Layout
from models.engine.parameters import parameters
from models.engine.proof import difference, trials
from models.engine.protocol import Columns, Engine, EngineError, Job, Scores
from models.engine.trees import PROBABILITY, Forest, Unsupported, read_forest
from models.engine.walker import Walker
from models.features import ContextError, parse_context, trusted_cross
from models.package import CERTIFICATE, PackageError, read_certified

REQUESTS = 8  # of the certificate; its hundreds are the gate's to reproduce
KEPT = "engine"  # the folder beside the model that holds what is computed once


def load_engine(package: Path, catalogue: Catalogue, functions: Collection[str] = ()) -> Engine:
    """Load model.cb and declaration.json of `package` for a snapshot.

    A cross function is imported only where it is one of `functions`, those that the served ranker.toml names.

    The kernel serves where it covers the model and equals CatBoost in every bit of every proof row; CatBoost
    serves otherwise, and `reason` says why. What takes long (CatBoost's import, quantising, CatBoost's scores
    of the proof rows) is done by the first process and kept in the package's folder `engine/`; every load
    scores the proof rows again with its own kernel.

    Raises EngineError for a package without a loadable model, or a catalogue without its features, CrossError
    for a package that names another function.
    """
    for name in ("model.cb", "declaration.json"):
        if not (package / name).is_file():
            raise EngineError(f"{package} has no {name}")
    declaration = Declaration.from_json((package / "declaration.json").read_text(encoding="utf-8"))
    inputs = Inputs.of(declaration.spec, catalogue, trusted_cross(declaration.features.cross, functions))
    return _Loading(package, inputs, _certified(package, inputs, catalogue)).engine()


def _certified(package: Path, inputs: Inputs, catalogue: Catalogue) -> list[Job]:
    """Requests of the birth certificate whose items this snapshot has: real contexts for the proof.

    A certificate that is damaged, or does not fit, is the gate's to judge: the proof does without.
    """
    if not (package / CERTIFICATE).is_file():
        return []
    jobs = []
    try:
        for request in read_certified(package).requests[:REQUESTS]:
            rows = catalogue.rows(request.items)
            jobs.append(Job(rows[rows >= 0], parse_context(inputs.spec, request.context)))
    except (PackageError, ContextError, TypeError):
        return []
    return [job for job in jobs if job.rows.size]


class _Loading:
    def __init__(self, package: Path, inputs: Inputs, requests: Sequence[Job] = ()) -> None:
        self.path = package / "model.cb"
        self.inputs = inputs
        self.requests = requests
        self.digest = model_digest(self.path)
        self.keep = Keep(package / KEPT, self.digest, inputs.catalogue.snapshot)

    @cached_property
    def model(self) -> Any:
        """CatBoost's own; importing it takes a second, so most processes never do."""
        try:
            return open_model(self.path)
        except Exception as error:  # CatBoost raises its own classes, and others for unreadable files
            raise EngineError(f"{self.path} is no model that CatBoost can load: {error}") from error

    def engine(self) -> Engine:
        try:
            kernel = self.kernel(self.keep.forest(self.forest))
        except EngineError:
            raise
        except Exception as error:  # CatBoost can't write it as JSON, or wrote what the kernel can't read
            why = str(error) if isinstance(error, Unsupported) else f"its JSON can't be read: {error!r}"
            return self.fallback(f"the kernel does not cover this model: {why}")
        why_not = self.refuted(kernel)
        return kernel if why_not is None else self.fallback(f"the kernel is not CatBoost: {why_not}")

    def forest(self) -> Forest:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "model.json"
            self.model.save_model(str(path), format="json")
            return read_forest(path.read_bytes())

    def kernel(self, forest: Forest) -> KernelEngine:
        layout = Layout.of(forest, self.inputs.spec)
        shape = self.inputs.catalogue.size, layout.width
        filler = Filler.of(layout, forest, self.inputs)
        table = self.keep.table("items", shape, lambda: filler.table(self.inputs.catalogue))
        sources = filler.joint_sources(self.inputs.catalogue)
        return KernelEngine(self.inputs, Walker.of(forest, layout), filler, table, sources, self.digest)

    def refuted(self, kernel: KernelEngine) -> str | None:
        """Where the kernel's proof fails; None where it holds."""
        for trial in trials(kernel, self.requests):
            judge = partial(self.judge, trial.columns, kernel.walker.forest.probability)
            why = difference(trial, self.keep.scores(trial.digest, judge))
            if why is not None:
                return why
        return None

    def judge(self, columns: Columns, probability: bool) -> Scores:
        """CatBoost's scores of a model's columns."""
        return predict(self.model, columns, self.inputs.spec.categorical, probability)

    def fallback(self, reason: str) -> CatBoostEngine:
        name = str(parameters(self.model).get("loss_function", ""))
        probability = name.partition(":")[0] in PROBABILITY
        engine = CatBoostEngine(self.inputs, self.model, probability, self.digest, reason)
        return replace(engine, reason=f"{reason}; {_paid(engine)}")


def _paid(engine: CatBoostEngine) -> str:
    """What it costs that CatBoost itself serves, measured here: the least of five calls."""
    rows, taken = np.arange(min(10, engine.inputs.catalogue.size)), []
    try:
        for _ in range(5):
            started = time.perf_counter()
            engine.score(rows, parse_context(engine.spec, {}))
            taken.append(time.perf_counter() - started)
    except Exception as error:  # of a cross function, which an empty context may surprise
        return f"what that costs could not be measured: {error!r:.80}"
    return f"CatBoost itself takes {1e3 * min(taken):.2f} ms for {len(rows)} items, the kernel about 0.02"
