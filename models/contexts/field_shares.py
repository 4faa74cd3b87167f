"""How often each field of the context is missing, or has the value that is guessed for it; the healthy limit.

A limit is twice the upper bound of the reference's share, or half way from that bound to all of the requests,
and so high that the reference itself, in its own order, never comes near a trip: what is missing at night is
missing for hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.contexts.reference import FieldShare
from models.contexts.shown import ODDS
from monitoring.guard.limits import share_limit
from monitoring.guard.repeats import MostFrequent
from monitoring.guard.worst import sound

Floats = NDArray[np.float64]

LEAST_MISSING, LEAST_REPEATS = 0.3, 0.2  # limits are over these shares: an hour's gap is no fault yet
LEAST_TOGETHER, LITTLE, FIELDS = 0.08, 0.04, 5  # of all fields of a context at once, where so many tell
STEP, MOST = 0.1, 0.9  # a limit lies a step over the first that is sound; over the last nothing can be told
LEAST = 50  # requests of the reference without which a field is not watched


RARE = 0.002  # of training's requests, which lack the most fields


def most_missing(contexts: Floats) -> int:
    """How many fields healthy requests lack at most, but for one in five hundred."""
    return int(np.quantile(np.isnan(contexts).sum(axis=1), 1 - RARE, method="higher"))


def gone(contexts: Floats, most: int) -> FieldShare:
    """How often more than `most` fields are missing; can't be told where all of them may be."""
    if most >= contexts.shape[1]:
        return FieldShare(0, len(contexts), None, "training has requests without any of their context")
    return _share((np.isnan(contexts).sum(axis=1) > most).astype(np.float64), LEAST_REPEATS, "less")


def missing(names: Sequence[str], contexts: Floats) -> dict[str, FieldShare]:
    """By field; `contexts` are (n, p) in the order of their times."""
    gone = np.isnan(contexts).astype(np.float64)
    return {
        name: _share(column, LEAST_MISSING, "no value") for name, column in zip(names, gone.T, strict=True)
    }


def repeats(names: Sequence[str], contexts: Floats) -> dict[str, FieldShare]:
    """By field: how often the value is the one that was most frequent before."""
    found = {}
    for name, column in zip(names, contexts.T, strict=True):
        guess = MostFrequent()
        said = [guess.look(value) for value in column[~np.isnan(column)].tolist()]
        told = np.array([each for each in said if each is not None], np.float64)
        found[name] = _share(told, LEAST_REPEATS, "its most frequent value")
    return found


def unknown(
    categories: Mapping[str, Sequence[str]], names: Sequence[str], contexts: Floats
) -> dict[str, FieldShare]:
    """By category: how often its value is none of those that the layout tells apart."""
    found = {}
    for name, values in categories.items():
        column = contexts[:, names.index(name)]
        given = column[~np.isnan(column)]
        found[name] = _share((given == len(values)).astype(np.float64), LEAST_REPEATS, "another value")
    return found


def together(contexts: Floats, repeated: Mapping[str, FieldShare]) -> FieldShare:
    """Which share of a context's fields has the guessed value; of the fields that may be tested for it."""
    tested = [place for place, share in enumerate(repeated.values()) if share.limit is not None]
    if len(tested) < FIELDS:
        return FieldShare(0, 0, None, f"{len(tested)} fields may be tested for repeating: it takes {FIELDS}")
    guesses = [MostFrequent() for _ in tested]
    shares = []
    for row in contexts[:, tested].tolist():
        said = [guess.look(value) for guess, value in zip(guesses, row, strict=True) if value == value]  # noqa: PLR0124
        told = [each for each in said if each is not None]
        shares += [sum(told) / len(told)] if len(told) >= FIELDS else []
    return _share(np.array(shares, np.float64), LEAST_TOGETHER, "repeated values", LITTLE)


def _share(observed: Floats, least: float, of: str, step: float = STEP) -> FieldShare:
    count, requests = int(observed.sum()), len(observed)
    if requests < LEAST:
        return FieldShare(count, requests, None, f"{requests} requests of training have it: it takes {LEAST}")
    bound = share_limit(count, requests, factor=1.0)
    first = max(least, min(2 * bound, (1 + bound) / 2))
    found = sound(observed, np.arange(first, MOST - step, step).tolist(), ODDS)
    limit = None if found is None else found + step
    why = "" if limit is not None else f"{count / requests:.0%} of training has {of}: more can't be told"
    return FieldShare(count, requests, limit, why)
