"""The sections of a ranker.toml: their keys, types, bounds and defaults."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from models.declaration import availability
from models.declaration.time_unit import TimeUnit
from models.features import FeatureSpec
from monitoring.tables.dialect import CsvDialect

# CatBoost 1.2's losses for ranking (RMSE: of grades, row by row) and for two classes.
RANKING = (
    "RMSE", "QueryRMSE", "YetiRank", "YetiRankPairwise", "PairLogit", "PairLogitPairwise", "QuerySoftMax",
    "QueryCrossEntropy", "StochasticRank", "StochasticFilter", "LambdaMart",
)  # fmt: skip
CLASSIFICATION = ("Logloss", "CrossEntropy")
OWNED = {
    "iterations", "n_estimators", "num_trees", "num_boost_round", "loss_function", "objective", "depth",
    "max_depth", "learning_rate", "eta", "random_seed", "random_state", "cat_features", "train_dir",
}  # fmt: skip

BUDGETS = {
    "size": {"kB": 1e3, "MB": 1e6, "GB": 1e9},
    "latency": {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0},
}
"""Units of [expect] size (bytes) and latency (seconds)."""

AS_GIVEN = "as given"
Scalar = str | bool | int | float


class Section(BaseModel):
    """A table of the file: frozen, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RankerSection(Section):
    """[ranker]: the model and how it is trained."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    objective: str = "QueryRMSE"
    trees: int = Field(300, ge=1, le=20_000)
    depth: int = Field(6, ge=1, le=16)
    learning_rate: float = Field(0.08, gt=0, le=1)
    seed: int = Field(0, ge=0)
    params: dict[str, Scalar] = {}

    @property
    def loss(self) -> str:
        """The objective without its parameters: "YetiRank:mode=NDCG" → "YetiRank"."""
        return self.objective.partition(":")[0]

    @property
    def ranks(self) -> bool:
        """Whether the objective orders groups (else it separates two classes)."""
        return self.loss in RANKING

    @property
    def named(self) -> bool:
        """Whether the file names the objective: `ballast train --model` takes the model's own."""
        return "objective" in self.model_fields_set


class CsvSection(Section):
    """[data] csv: how the files are written; `missing` are the words that mean that there is no value."""

    separator: str = Field(",", min_length=1, max_length=1, pattern=r'^[^"\r\n]$')
    encoding: str = "utf-8"
    missing: tuple[str, ...] | None = None
    decimal: Literal[".", ","] = "."

    @property
    def dialect(self) -> CsvDialect:
        """The same, as the reader takes it."""
        return CsvDialect(self.separator, self.encoding, self.missing, self.decimal)


class DataSection(Section):
    """[data]: the table and what its columns mean."""

    source: str = Field(min_length=1)
    test: str | None = None
    format: Literal["csv", "parquet", "letor"] | None = None
    csv: CsvSection = CsvSection()
    item: str | None = None
    group: str | None = None
    unit: str | None = None
    time: str | None = None
    time_unit: TimeUnit | None = None
    label: str = Field(min_length=1)
    label_time: str | None = None
    weight: str | None = None
    positive: Scalar | None = None
    gain: Literal["exponential", "linear"] = "exponential"
    slices: tuple[str, ...] = ()
    test_share: float = Field(0.2, gt=0, lt=1)
    from_: datetime | None = Field(None, alias="from")
    until: datetime | None = None

    @field_validator("from_", "until")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FeaturesSection(Section):
    """[features]: what the model sees, and when each of it becomes known.

    `special` has by name or glob the numbers of a feature that stand for something else than an amount: they
    are left out of signs, ranges and distances, and their share is watched on its own. `means` has by name
    what a feature is in words, for people who read why an item stands where it stands.
    """

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    cross: str | None = None
    cross_names: tuple[str, ...] = ()
    cross_before: tuple[str, ...] = ()
    available_at: dict[str, str] = {}
    special: dict[str, tuple[float, ...]] = {}
    means: dict[str, Annotated[str, Field(min_length=1, max_length=200)]] = {}

    def special_of(self, name: str) -> tuple[float, ...]:
        """The numbers of a feature that are no amounts, such as -9 for "no record"; mostly none."""
        return availability.entry(self.special, name) or ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every feature in the model's order: as declared, or numeric, categorical, cross."""
        return self.order or (*self.numeric, *self.categorical, *self.cross_names)

    @property
    def spec(self) -> FeatureSpec:
        """Which feature comes from where."""
        context = set(self.context)
        return FeatureSpec(
            item_numeric=tuple(name for name in self.numeric if name not in context),
            item_categorical=tuple(name for name in self.categorical if name not in context),
            context_numeric=tuple(name for name in self.numeric if name in context),
            context_categorical=tuple(name for name in self.categorical if name in context),
            cross_names=self.cross_names,
            names=self.names,
        )


class CalibrationLimit(Section):
    """[expect] calibration: the largest expected calibration error that is still healthy."""

    max_ece: float = Field(gt=0, le=1)


class ExpectSection(Section):
    """[expect]: owned by people, outside training; acted upon by the gate.

    `size` ("20MB") is the most that the model's file may have, `latency` ("5ms") the most that 1,000
    candidates may take, `least` the lead over a random order (of NDCG@10, or of AUC over 0.5) that a version
    must surely have. `invariants` are what always holds of a request, such as
    "context.late_1h <= context.late_3h + 60": checked by the guard on every answer. `outcomes` are the
    least and the most that feedback may report; by default what the labels of training say.
    """

    sign: dict[str, Literal["+", "-"]] = {}
    golden: str | None = None
    calibration: CalibrationLimit | None = None
    size: str | None = None
    latency: str | None = None
    invariants: tuple[str, ...] = ()
    least: float | None = Field(None, gt=0, lt=1)
    outcomes: tuple[float, float] | None = None

    @field_validator("outcomes")
    @classmethod
    def _rises(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not -math.inf < value[0] < value[1] < math.inf:
            raise ValueError("is no range: the least and the most that an outcome may be, such as [0, 4]")
        return value

    @field_validator("size", "latency")
    @classmethod
    def _is_a_budget(cls, value: str | None, info: ValidationInfo) -> str | None:
        units = BUDGETS[str(info.field_name)]
        if value is not None and not re.fullmatch(rf"\d+(\.\d+)?\s*({'|'.join(units)})", value):
            example = "20MB" if info.field_name == "size" else "5ms"
            raise ValueError(f"is no number with one of the units {', '.join(units)}, such as {example}")
        return value

    def budget(self, key: Literal["size", "latency"]) -> float | None:
        """Bytes, or seconds; None where none is declared."""
        value = getattr(self, key)
        if value is None:
            return None
        number = str(re.match(r"[\d.]+", value)[0])  # type: ignore[index]
        return float(number) * BUDGETS[key][value[len(number) :].strip()]


class CorrectionSection(Section):
    """[correction]: how a two-class ranker's probabilities follow outcomes; the Steward acts on it.

    Durations are written as 90s, 30m, 6h or 14d.
    """

    kind: Literal["additive", "isotonic"]
    every: str = "1d"
    window: str = "14d"
    matured: str | None = None
    least: int = Field(500, ge=100)
    most: float = Field(0.2, gt=0, le=1)

    def seconds(self, key: Literal["every", "window", "matured"]) -> float | None:
        """A duration in seconds; None where it is not given, or is none."""
        return availability.offset_seconds(getattr(self, key) or "")


class GuardSection(Section):
    """[guard]: owned by people, outside training; acted upon while the ranker serves.

    `fallback` is the order of answers without scores: "as given", or an item's number, highest first
    ("-price": lowest first). `share` of the requests is scored again off their path; `slow` is in seconds;
    `matured_after` is how long after a decision its outcomes are known ("36h"; default: as in training).
    """

    fallback: str = "as given"
    when_shared: Literal["keep", "fallback"] = "keep"
    share: float = Field(0.02, ge=0, le=1)
    slow: float = Field(1.0, gt=0)
    tails: float = Field(0.3, gt=0, lt=1)
    calibration: float = Field(0.15, gt=0, lt=1)
    unknown: float = Field(0.3, gt=0, lt=1)
    certificate_every: float = Field(60.0, ge=1)
    matured_after: str | None = None

    @property
    def feature(self) -> str | None:
        """The item feature that `fallback` orders by."""
        return None if self.fallback == AS_GIVEN else self.fallback.removeprefix("-")


class Sections(Section):
    """All sections of one file, each with its own types and bounds; rules between them are in `rules`."""

    ranker: RankerSection
    data: DataSection
    features: FeaturesSection
    expect: ExpectSection = ExpectSection()
    correction: CorrectionSection | None = None
    guard: GuardSection = GuardSection()
