"""What ``live.yaml`` may say: the layers, experiments and the exploration slice that run now.

The file is data that people review; these frozen models are its meaning. ``load`` reads the YAML and reports every
problem at once, with its line; ``Live.from_json`` reads the compiled form that workers are given.
"""

import hashlib
import json
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from experiments.plan import Plan, compile_plan

Scalar = str | int | float | bool
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Salt = Annotated[str, Field(min_length=1, max_length=128)]
Algorithm = Literal["growthbook-v1", "growthbook-v2"]


def _model_reference(text: str) -> str:
    alias = text.startswith("@") and text[1:].replace("-", "").replace("_", "").isalnum()
    if alias or (text.isascii() and text.isdigit() and text[0] != "0"):
        return text
    raise ValueError("names a model by alias ('@champion') or by version number ('7')")


def _instant(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    rule = "is a date (2026-01-31) or a time with its zone (2026-01-31T08:00:00Z)"
    if not isinstance(value, str):
        raise ValueError(rule)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(rule) from None
    if moment.tzinfo is None and len(value) > len("2026-01-31"):
        raise ValueError(f"{rule}; the zone is missing")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _half_open(bounds: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= bounds[0] < bounds[1] <= 1:
        raise ValueError("is a half-open range [low, high) with 0 <= low < high <= 1")
    return bounds


ModelReference = Annotated[
    str,
    AfterValidator(_model_reference),
    WithJsonSchema({"type": "string", "pattern": r"^(@[A-Za-z0-9_-]+|[1-9][0-9]*)$"}),
]
Instant = Annotated[
    float,
    BeforeValidator(_instant),
    WithJsonSchema({"type": ["string", "number"], "description": "date, or time with its zone"}),
]
Range = Annotated[
    tuple[Annotated[float, Field(strict=True)], Annotated[float, Field(strict=True)]],
    AfterValidator(_half_open),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variant(_Part):
    """One arm. Without ``model`` it is only carried; the default model ranks."""

    name: Name
    model: ModelReference | None = None
    weight: Share | None = None
    ranges: tuple[Range, ...] | None = None


class Condition(_Part):
    """What one attribute must satisfy; all operators given must hold. A missing attribute fails all but ``exists``."""

    eq: Scalar | None = None
    ne: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    not_in: tuple[Scalar, ...] | None = None
    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None
    exists: bool | None = None


class Step(_Part):
    """From ``at`` on, the first ``share`` of the experiment's traffic is open."""

    at: Instant
    share: Share


class Experiment(_Part):
    """One experiment of a layer."""

    name: Name
    description: str = ""
    unit: Name
    hash: Algorithm
    salt: Salt
    mode: Literal["split", "interleave"] = "split"
    enabled: bool = True
    traffic: tuple[Range, ...] = ((0.0, 1.0),)
    variants: tuple[Variant, ...] = Field(min_length=2)
    targeting: dict[str, Condition] = {}
    overrides: dict[str, Name] = {}
    start: Instant | None = None
    end: Instant | None = None
    ramp: tuple[Step, ...] = ()
    primary: Name | None = None
    guardrails: tuple[Name, ...] = ()


class Layer(_Part):
    """Experiments that exclude each other: a unit is in one of them at most."""

    name: Name
    salt: Salt
    hash: Algorithm = "growthbook-v2"
    experiments: tuple[Experiment, ...] = ()


class Holdout(_Part):
    """Units that are in no experiment at all, and are served by the default model."""

    name: Name = "holdout"
    share: Share
    salt: Salt
    hash: Algorithm = "growthbook-v2"


class Exploration(_Part):
    """The share of answers whose order is drawn, so that other policies can be judged from the log."""

    share: Share
    salt: Salt
    policy: Literal["uniform", "top-k", "plackett-luce"] = "uniform"
    top: Annotated[int, Field(ge=2)] | None = None
    temperature: Annotated[float, Field(gt=0)] | None = None
    per: Literal["request", "unit"] = "request"


class Metric(_Part):
    """A figure of one decision and its outcomes, by which arms are compared."""

    of: Literal["ndcg", "reward", "fallback"]
    at: Annotated[int, Field(ge=1)] | None = None
    better: Literal["higher", "lower"] = "higher"
    winsorise: Annotated[float, Field(gt=0.5, lt=1)] | None = None
    margin: Annotated[float, Field(ge=0)] | None = None


class Live(_Part):
    """Everything that runs now."""

    version: Literal[1] = 1
    unit: Name = "unit"
    default: ModelReference = "@champion"
    attributes: dict[str, Literal["string", "number", "boolean"]] = {}
    metrics: dict[Name, Metric] = {}
    exploration: Exploration | None = None
    holdout: Holdout | None = None
    layers: tuple[Layer, ...] = ()

    @cached_property
    def digest(self) -> str:
        """16 hex digits over the meaning: comments, key order in mappings and layout don't change it."""
        return hashlib.sha256(_canonical(self).encode()).hexdigest()[:16]

    @cached_property
    def plan(self) -> Plan:
        """What ``assign`` runs on, worked out once."""
        return compile_plan(self)

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All experiments of all layers, in file order."""
        return tuple(experiment for layer in self.layers for experiment in layer.experiments)

    @property
    def models(self) -> tuple[str, ...]:
        """Every model reference that must be loaded, the default first."""
        named = (v.model for e in self.experiments if e.enabled for v in e.variants if v.model)
        return tuple(dict.fromkeys((self.default, *named)))

    def to_json(self) -> str:
        """The compiled form: what the Steward hands to the workers and keeps under the digest."""
        return _canonical(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Live":
        """The inverse of ``to_json``; ValueError (pydantic's) for anything that ``to_json`` didn't write."""
        return cls.model_validate_json(text)


def _canonical(live: Live) -> str:
    meaning: dict[str, Any] = live.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(path: Path) -> Live:
    """Read and check a live.yaml. ``ConfigError`` lists every problem with its line."""
    from experiments.check import read

    return read(path)
