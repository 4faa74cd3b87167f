"""What is measured: one model, one catalogue, and request bodies, made once and kept under BALLAST_HOME.

A thousand trees of depth 6 over 60 numeric features, 12 of which (20%) come with the request as its context,
and 200,000 items. The numbers are drawn, not observed: costs depend on shapes, borders and rows asked for,
hardly on what the values mean. What is served is a package as training writes it and a state as the Steward
writes it, so that the service under test is the one that `bentoml serve` starts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bentos.home.state import CHAMPION, Home, State, write_atomically, write_state

RANKER = "bench"
VERSION = "1"
ITEMS, ITEM_FEATURES, CONTEXT_FEATURES = 200_000, 48, 12
TREES, DEPTH = 1000, 6
ROWS, GROUP = 40_000, 40  # of training
SEED = 20_240_601
CERTIFIED = 200  # requests of the birth certificate
MADE = 2  # raise it when anything below changes what is made

Ids = Literal["integer", "text"]

LIVE = """version: 1
unit: viewer
default: "@champion"
exploration: {share: 0.01, policy: uniform, salt: bench-explore, per: request}
layers:
  - name: ranking
    salt: bench-ranking
    experiments:
      - name: ranking
        unit: viewer
        hash: growthbook-v2
        salt: bench-ranking-1
        variants:
          - {name: control, model: "@champion", weight: 0.5}
          - {name: treatment, model: "@champion", weight: 0.5}
  - name: page
    salt: bench-page
    experiments:
      - name: page
        unit: viewer
        hash: growthbook-v2
        salt: bench-page-1
        variants: [{name: list, weight: 0.5}, {name: grid, weight: 0.5}]
"""


@dataclass(frozen=True)
class World:
    """Everything under one folder; `prepare` makes what is missing, in about a minute."""

    folder: Path

    @property
    def names(self) -> tuple[str, ...]:
        """The model's features in its order: the items', then the context's."""
        return (*self.item_names, *self.context_names)

    @property
    def item_names(self) -> tuple[str, ...]:
        return tuple(f"item_{place:02}" for place in range(ITEM_FEATURES))

    @property
    def context_names(self) -> tuple[str, ...]:
        return tuple(f"context_{place:02}" for place in range(CONTEXT_FEATURES))

    @property
    def model_path(self) -> Path:
        return self.folder / "model.cb"

    @cached_property
    def items(self) -> NDArray[np.float32]:
        """float32 (N, F), C order."""
        found: NDArray[np.float32] = np.load(self.folder / "items.npy", mmap_mode="r")
        return found

    @cached_property
    def model(self) -> Any:
        """CatBoost's own."""
        from catboost import CatBoost

        model = CatBoost()
        model.load_model(str(self.model_path))
        return model

    def home(self, ids: Ids) -> Path:
        """A BALLAST_HOME whose catalogue has ids of this type."""
        return self.folder / ids

    def home_of(self, system: str, ids: Ids) -> Path:
        """A copy of that home for one system: a Steward and its workers end what stands still in theirs."""
        own = self.folder / "systems" / system
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(self.home(ids), own, ignore=shutil.ignore_patterns("log", "acks", "*.lock"))
        return own

    def ranker_toml(self) -> Path:
        """A file that names the ranker, which is all that serving reads of it."""
        return self.folder / "ranker.toml"

    def prepare(self) -> None:
        """Make what is not there yet, or was made for another release's formats."""
        from models.catalogue.snapshot import FORMAT

        self._once("model", str(MADE), self._draw)
        self._once("homes", f"{MADE} 2 {FORMAT} {LIVE} {self._declaration()}", self._serve_all)
        self.clear_logs()

    def _once(self, what: str, meaning: str, make: Callable[[], None]) -> None:
        stamp = self.folder / f"{what}.made"
        if not stamp.exists() or stamp.read_text() != meaning:
            make()
            stamp.write_text(meaning)

    def clear_logs(self) -> None:
        """Forget what earlier measurements recorded: hundreds of megabytes at 3,000 candidates."""
        for home in (self.home("integer"), self.home("text"), *(self.folder / "systems").glob("*")):
            with suppress(FileNotFoundError):
                for segment in (home / RANKER / "log").rglob("*-*.*"):
                    segment.unlink(missing_ok=True)

    def restore(self) -> None:
        """Serve again what `prepare` made, once a measurement has served something else."""
        (self.folder / "homes.made").unlink(missing_ok=True)
        self.clear_logs()

    def _draw(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        random = np.random.default_rng(SEED)
        items = _columns(random, ITEMS, ITEM_FEATURES)
        np.save(self.folder / "items.npy", items)
        _train(random, items).save_model(str(self.model_path))

    def _serve_all(self) -> None:
        (self.folder / "live.yaml").write_text(LIVE)
        self.ranker_toml().write_text(f'[ranker]\nname = "{RANKER}"\n')
        self._serve("integer")
        self._serve("text")

    def _serve(self, ids: Ids) -> None:
        """A home with a package, a catalogue and a state, as training and the Steward leave them."""
        from experiments.config.check import load
        from models.catalogue.catalogue import write_catalogue

        shutil.rmtree(self.home(ids), ignore_errors=True)
        home = Home(self.home(ids) / RANKER)
        package = home.version(VERSION)
        package.mkdir(parents=True)
        columns = dict(zip(self.item_names, self.items.T, strict=True))
        snapshot = write_catalogue(home.catalogue, self.all_ids(ids), columns, {}, created=1_717_200_000.0)
        self._pack(package, ids, snapshot)
        live = load(self.folder / "live.yaml")
        write_atomically(home.compiled(live.digest), live.to_json().encode())
        write_state(home.state, State(1, RANKER, snapshot, {CHAMPION: VERSION}, live.digest, since=1.0))

    def _pack(self, package: Path, ids: Ids, snapshot: str) -> None:
        """A package: serving checks that all of it is there."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from models.package import Certificate, PackageManifest, RawRequest, write_certificate, write_manifest

        shutil.copy(self.model_path, package / "model.cb")
        (package / "declaration.json").write_text(self._declaration())
        asked = list(self.requests(ids, CERTIFIED, 30))
        matrix = np.concatenate([self.matrix(one) for one in asked])
        certificate = Certificate(
            [RawRequest(tuple(one.ids), one.context) for one in asked],  # type: ignore[arg-type]
            np.arange(0, 30 * CERTIFIED + 1, 30, dtype=np.int64),
            dict(zip(self.names, matrix.T, strict=True)),
            self.model.predict(matrix, thread_count=1),
        )
        write_certificate(package, certificate)
        pq.write_table(pa.table(dict(certificate.features)), package / "reference.parquet")
        (package / "evaluation.json").write_text("{}")
        write_manifest(package, PackageManifest(RANKER, "bench", "drawn", snapshot, 1_717_200_000.0, {}))

    def _declaration(self) -> str:
        from models.declaration.declaration import Declaration

        return Declaration.model_validate(
            {
                "ranker": {"name": RANKER, "trees": TREES, "depth": DEPTH},
                "data": {"source": "drawn.csv", "label": "label", "group": "query"},
                "features": {
                    "numeric": self.names,
                    "context": self.context_names,
                    "available_at": {"item_*": "-1d", "context_*": "0h"},
                },
            }
        ).to_json()

    def all_ids(self, ids: Ids) -> Any:
        """The ids of all rows: seven-digit integers, or texts such as "ad-1234567"."""
        numbers = 1_000_000 + 7 * np.arange(ITEMS, dtype=np.int64)
        return numbers if ids == "integer" else [f"ad-{number}" for number in numbers.tolist()]

    def requests(self, ids: Ids, count: int, candidates: int) -> Iterator[Request]:
        """Different requests, the same for every system: `count` of them with so many candidates each."""
        random = np.random.default_rng([SEED, candidates])
        everything = self.all_ids(ids)
        for number in range(count):
            rows = random.choice(ITEMS, candidates, replace=False)
            context = np.round(random.normal(size=CONTEXT_FEATURES), 3)
            asked = everything[rows].tolist() if ids == "integer" else [everything[row] for row in rows]
            yield Request(number, rows, asked, dict(zip(self.context_names, context.tolist(), strict=True)))

    def matrix(self, request: Request) -> NDArray[np.float32]:
        """The model's input, float32 (n, F), F order."""
        found = np.empty((len(request.rows), len(self.names)), np.float32, order="F")
        found[:, :ITEM_FEATURES] = self.items[request.rows]
        found[:, ITEM_FEATURES:] = np.array(list(request.context.values()), np.float32)
        return found

    def expected(self, request: Request) -> dict[Any, float]:
        """CatBoost's own scores by id."""
        scores = self.model.predict(self.matrix(request), thread_count=1)
        return dict(zip(request.ids, scores.tolist(), strict=True))


@dataclass(frozen=True)
class Request:
    """Rows of the items, their ids, and a context."""

    number: int
    rows: NDArray[np.int64]
    ids: Sequence[int | str]
    context: dict[str, float]

    def rank(self) -> bytes:
        """A `/rank` body."""
        body = {
            "unit": f"viewer-{self.number}",
            "candidates": self.ids,
            "context": self.context,
            "attributes": {"platform": "web"},
        }
        return json.dumps(body, separators=(",", ":")).encode()


def _columns(random: np.random.Generator, rows: int, columns: int) -> NDArray[np.float32]:
    """Measurements, amounts and counts in turn: all have more values than a model has borders but counts."""
    found = random.normal(size=(rows, columns)).astype(np.float32)
    found[:, 1::3] = np.exp(found[:, 1::3])
    found[:, 2::3] = random.poisson(8, (rows, len(range(2, columns, 3))))
    return found


def _train(random: np.random.Generator, items: NDArray[np.float32]) -> Any:
    """QueryRMSE on a label in which every feature takes part, the context's by interaction."""
    from catboost import CatBoost, Pool

    rows = random.choice(len(items), ROWS)
    context = np.repeat(_columns(random, ROWS // GROUP, CONTEXT_FEATURES), GROUP, axis=0)
    features = np.concatenate([items[rows], context], axis=1)
    weight = random.normal(size=(ITEM_FEATURES, CONTEXT_FEATURES))
    scaled = np.tanh(items[rows] - items.mean(axis=0))
    label = np.sin(2 * scaled).sum(axis=1) + ((scaled @ weight) * np.tanh(context)).sum(axis=1) * 0.2
    label += random.normal(size=ROWS)
    model = CatBoost(
        {
            "loss_function": "QueryRMSE",
            "iterations": TREES,
            "depth": DEPTH,
            "learning_rate": 0.08,
            "random_seed": 0,
            "thread_count": 2,
            "verbose": False,
            "allow_writing_files": False,
        }
    )
    model.fit(Pool(features, label, group_id=np.repeat(np.arange(ROWS // GROUP), GROUP)))
    return model
