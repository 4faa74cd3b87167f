"""What an explanation is made of; all of it can be written as JSON. Times are unix seconds."""

from __future__ import annotations

from typing import Any

import msgspec

from monitoring.errors import UserError
from monitoring.log.record import Item


def rounded(value: float | None) -> str:
    """A figure as people read it; nothing for one that isn't there."""
    return "" if value is None else f"{value:.5g}"


class NoSuchItemError(UserError, LookupError):
    """The answer did not have the item that is asked about."""


class ExplainedArm(msgspec.Struct, frozen=True, kw_only=True):
    """An arm of the decision: drawn by `bucket`, the unit's fraction under `salt`.

    `shares` are those of all variants then, by name; empty where the live file is gone. `again`: whether the
    unit is drawn into the same arm today from the same file; None where that can't be said.
    """

    experiment: str
    variant: str
    model: str
    bucket: float
    salt: str
    forced: bool
    shares: dict[str, float]
    again: bool | None


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What a feature's value adds to a score, in the model's own unit; `means` is its declared human name."""

    feature: str
    means: str
    value: float | str | None
    adds: float

    @property
    def named(self) -> str:
        """The feature as people know it."""
        return f"{self.means} ({self.feature})" if self.means else self.feature

    @property
    def shown(self) -> str:
        """The value, rounded for people."""
        if self.value is None or self.value == "":
            return "(missing)"
        return f"{self.value:.6g}" if isinstance(self.value, float) else self.value


class ExplainedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the answer.

    `position` counts from 1 as served; `by_score` is its place by the model's own scores, None where it has
    none. `score` is as served, `again` what comes out now, after the record's correction. `outcomes` are
    (value, time it became known). `base` and all `contributions` together give the model's own score.
    """

    item: Item
    position: int
    by_score: int | None
    score: float | None
    again: float | None
    propensity: float | None
    outcomes: list[tuple[float, float]] = []
    base: float | None = None
    contributions: list[Contribution] = []

    @property
    def figures(self) -> tuple[str, str, str, str, str, str]:
        """Place, place by score, score, score again, propensity and outcomes, rounded for people."""
        same = self.again == self.score and self.score is not None
        return (
            str(self.position),
            "" if self.by_score is None else str(self.by_score),
            rounded(self.score),
            "equal" if same else rounded(self.again),
            rounded(self.propensity),
            ", ".join(f"{value:g}" for value, _ in self.outcomes),
        )


class OtherOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What another arm would have answered: its items, best first; else why nobody knows."""

    experiment: str
    variant: str
    model: str
    items: list[Item] = []
    why_not: str = ""


class VersionWord(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of the version that served: the gate's word with its first line, an override, stops."""

    gate: str
    sentence: str
    override: str
    stops: list[str]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the scores come out again, to the last bit: None where they can't be worked out, and why."""

    same: bool | None
    sentence: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `records`: how often the log has the id; the last one is explained.

    `shown` items are told with what their features add; `unknown` are those that the catalogue lacks.
    `exploration` is the share of answers that were explored then, None where the live file is gone.
    """

    request_id: str
    records: int
    time: float
    received: float
    seconds: float
    unit: str
    attributes: dict[str, Any]
    context: dict[str, Any]
    model: str
    snapshot: str
    epoch: int
    experiments: str
    correction: str | None
    fallback: str | None
    explored: bool
    exploration: float | None
    candidates: int
    unknown: list[Item]
    arms: list[ExplainedArm]
    version: VersionWord
    proof: Proof
    items: list[ExplainedItem]
    others: list[OtherOrder]
