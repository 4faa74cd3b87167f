"""What `live.yaml` may say: the layers, experiments and the exploration slice that run now.

The file is data that people review; these frozen models are its meaning. `check.load` reads the YAML and
reports every problem at once, with its line; `Live.from_json` reads the compiled form that workers are given.
"""

import hashlib
import json
from functools import cached_property
from math import inf
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.config.fields import (
    NOBODY,
    Algorithm,
    Count,
    Duration,
    Flag,
    Instant,
    ModelReference,
    Name,
    Number,
    Range,
    Salt,
    Scalar,
    Share,
)


class LivePart(BaseModel):
    """A part of a declared file: frozen, and with no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Variant(LivePart):
    """One arm, with its weight or with its own ranges of the experiment's hash.

    Without `model` the default model ranks, and the variant is only named in the answer, for the client to
    use.
    """

    name: Name
    model: ModelReference | None = None
    weight: Share | None = None
    ranges: tuple[Range, ...] | None = None


class Condition(LivePart):
    """What one attribute must satisfy: all operators given. A missing one only `exists: false`."""

    eq: Scalar | None = None
    ne: Scalar | None = None
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    not_in: tuple[Scalar, ...] | None = None
    gt: Number | None = None
    gte: Number | None = None
    lt: Number | None = None
    lte: Number | None = None
    exists: Flag | None = None


class Step(LivePart):
    """From `at` on, the first `share` of the experiment's traffic is open."""

    at: Instant
    share: Share


class Rollout(LivePart):
    """A ramp that the Steward takes by itself: every step is held for `hold` at least, and the next opens
    only while nothing speaks against the experiment; what does, stops it."""

    steps: tuple[Share, ...] = Field(min_length=1, max_length=20)
    hold: Duration


class Experiment(LivePart):
    """One experiment of a layer. `hash` and `salt` are frozen while it lives.

    `exposure`: differing marks the answers on which all arms would have served the same items in the same
    order, so that the analysis looks at the others only; it costs the scoring of the other arms' models.
    `looks`: the share of the error for looks before `end`; a tenth unless it is given.
    """

    name: Name
    description: str = ""
    unit: Name
    hash: Algorithm
    salt: Salt
    mode: Literal["split", "interleave"] = "split"
    exposure: Literal["all", "differing"] = "all"
    enabled: Flag = True
    traffic: tuple[Range, ...] = ((0.0, 1.0),)
    variants: tuple[Variant, ...] = Field(min_length=2, max_length=NOBODY)
    targeting: dict[str, Condition] = {}
    overrides: dict[str, Name] = {}
    start: Instant | None = None
    end: Instant | None = None
    looks: Share | None = None
    ramp: tuple[Step, ...] = ()
    rollout: Rollout | None = None
    primary: Name | None = None
    guardrails: tuple[Name, ...] = ()

    @property
    def opening(self) -> tuple[tuple[float, float], ...]:
        """From when on (unix seconds) which share of the traffic is open; none where all of it always is."""
        if self.ramp or self.rollout is None:
            return tuple((step.at, step.share) for step in self.ramp)
        return ((-inf, self.rollout.steps[0]),)


class Layer(LivePart):
    """Experiments that exclude each other: a unit is in one of them at most."""

    name: Name
    salt: Salt
    hash: Algorithm = "growthbook-v2"
    experiments: tuple[Experiment, ...] = Field(default=(), max_length=NOBODY)


class Holdout(LivePart):
    """Units that are in no experiment at all, and are served by the default model."""

    name: Name = "holdout"
    share: Share
    salt: Salt
    hash: Algorithm = "growthbook-v2"


class Exploration(LivePart):
    """The share of answers whose order is drawn, so that other policies can be judged from the log.

    `top`: only the first so many positions are drawn. `temperature`: of Plackett-Luce,
    in the score's unit.
    """

    share: Share
    salt: Salt
    policy: Literal["uniform", "top-k", "plackett-luce"] = "uniform"
    top: Annotated[int, Field(strict=True, ge=2)] | None = None
    temperature: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = None
    per: Literal["request", "unit"] = "request"


class Record(LivePart):
    """What the log keeps of an answer; of an explored one, all.

    `depth`: the first so many positions of the slate, with scores and propensities. `candidates`: the ids
    of all of them, or of those positions alone, with number and digest of all. `whole`: the share of
    answers that is kept whole nevertheless.
    """

    depth: Annotated[int, Field(strict=True, ge=1)]
    candidates: Literal["all", "digest"] = "all"
    whole: Share = 0.0


class JudgedMetric(LivePart):
    """How a metric is judged, whatever it is of: in a live.yaml and in the plan of a table's analysis.

    `winsorise`: of units, what is above this quantile counts as it. `margin`: as a guardrail, how much worse
    (relative) is still acceptable. `effect`: the smallest relative change that matters. `quantile`: of single
    figures, in place of their mean.
    """

    better: Literal["higher", "lower"] = "higher"
    winsorise: Annotated[float, Field(strict=True, gt=0.5, lt=1)] | None = None
    quantile: Annotated[float, Field(strict=True, gt=0, lt=1)] | None = None
    margin: Annotated[float, Field(strict=True, ge=0, lt=1)] | None = None
    effect: Annotated[float, Field(strict=True, gt=0, lt=10)] = 0.05


class Metric(JudgedMetric):
    """A figure of one decision and its outcomes, by which arms are compared.

    `at`: over the first so many positions. `gain` of an ndcg: 2^value − 1 (values above 31 count as 31), or
    the value itself. `latency`: seconds until the answer was recorded.
    """

    of: Literal["ndcg", "reward", "fallback", "latency"]
    at: Count | None = None
    gain: Literal["exponential", "linear"] = "exponential"

    @property
    def of_outcomes(self) -> bool:
        """Whether it is made of what came of the slate's items, and not of the answer as a whole."""
        return self.of in {"ndcg", "reward"}


class Live(LivePart):
    """Everything that runs now."""

    version: Literal[1] = 1
    unit: Name = "unit"
    default: ModelReference = "@champion"
    attributes: dict[str, Literal["string", "number", "boolean"]] = {}
    metrics: dict[Name, Metric] = {}
    exploration: Exploration | None = None
    holdout: Holdout | None = None
    record: Record | None = None
    layers: tuple[Layer, ...] = ()

    @cached_property
    def digest(self) -> str:
        """16 hex digits over the meaning: comments, layout and the order of keys don't change it."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All experiments of all layers, in file order."""
        return tuple(experiment for layer in self.layers for experiment in layer.experiments)

    @property
    def models(self) -> tuple[str, ...]:
        """Every model reference that must be loaded, the default first; stopped experiments need none."""
        named = (v.model for e in self.experiments if e.enabled for v in e.variants if v.model)
        return tuple(dict.fromkeys((self.default, *named)))

    def to_json(self) -> str:
        """The compiled form: what the Steward hands to the workers and keeps under the digest."""
        meaning: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Live":
        """The inverse of `to_json`; ValueError (pydantic's) for anything that `to_json` didn't write."""
        return cls.model_validate_json(text)
