"""What an engine is: one model on one catalogue snapshot, scoring rows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items
from models.features import Context, FeatureSpec
from monitoring.errors import UserError

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]


class EngineError(UserError, ValueError):
    """A package that can't serve on this catalogue; the sentence says why."""


class RowError(IndexError):
    """A row that is not in the catalogue: unknown ids are to be sorted out before scoring."""


@dataclass(frozen=True)
class Job:
    """One request's rows of the catalogue, int64 (n), and its context; rows of `items` where they are given,
    which a Coalescer sees to and an engine does not."""

    rows: Rows
    context: Context
    items: Items | None = None


class Engine(Protocol):
    """Scores rows; safe to share between threads, and free of the GIL for most of a call.

    A score is what CatBoost gives, bit for bit: the probability for Logloss and CrossEntropy, else the raw
    value.
    """

    @property
    def kind(self) -> Literal["kernel", "catboost", "none"]:
        """What computes the scores; "none" for a version that must not."""

    @property
    def reason(self) -> str:
        """Why it is this kind, in a sentence."""

    @property
    def digest(self) -> str:
        """16 hex digits of the model file's SHA-256."""

    @property
    def spec(self) -> FeatureSpec:
        """The features, and where each comes from."""

    def on(self, items: Items) -> Self:
        """The same model on other items of its snapshot, such as Redis gave for one request."""

    def score(self, rows: Rows, context: Context) -> Scores:
        """float64 (n). Raises RowError for a row outside the catalogue, or what the cross function raises."""

    def score_many(self, jobs: Sequence[Job]) -> list[Scores | Exception]:
        """Each job's scores, or what it alone failed with, in the order of the jobs."""

    def features(self, rows: Rows, context: Context) -> Columns:
        """What the model sees: a column of n values for every feature, in the model's order."""
