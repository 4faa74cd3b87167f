"""What a Ranker asks the Scorer for, and what comes back: plain dicts, as BentoML carries them."""

from __future__ import annotations

from typing import Any, TypedDict, final

import numpy as np
from numpy.typing import NDArray


@final
class ScoreJob(TypedDict):
    """The candidates of one request, to be scored by one version."""

    version: str  # its number
    snapshot: str  # the catalogue that the features of the items come from
    ids: list[Any]  # ids of the candidates, in the request's order
    context: dict[str, Any]  # as the client sent it


@final
class JobScores(TypedDict):
    """The scores of a job, aligned with its ids."""

    scores: NDArray[np.float64]  # NaN where the catalogue does not know the item
    known: NDArray[np.bool_]


@final
class JobRefused(TypedDict):
    """The context breaks a rule of the version: field, value and rule, as `ContextError` takes them."""

    context: tuple[str, object, str]


@final
class JobFailed(TypedDict):
    """No scores, for a reason that lies with the Scorer: a sentence."""

    error: str


JobResult = JobScores | JobRefused | JobFailed
