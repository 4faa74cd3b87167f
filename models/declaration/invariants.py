"""Invariants of [expect]: what always holds of a request's context and its candidates, as people know it.

An invariant compares two sums of terms; it is read from a sentence in `invariant_sentence`. A single field of
text may be `=` or `!=` another, or a text in quotes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.features import FeatureSpec

Source = Literal["context", "item"]
Fields = Mapping[str, NDArray[Any]]
"""By name: numbers with NaN, or texts with "", where missing; one for all candidates, or one for each."""

NEAR = 1e-6
"""Of the larger side: features are 32-bit floats, so equal numbers may differ by as much."""


@dataclass(frozen=True)
class Term:
    """A number times a field; without a field, the number itself. `text` is a text in quotes."""

    factor: float
    source: Source | None = None
    name: str = ""
    text: str | None = None


@dataclass(frozen=True)
class Invariant:
    """One comparison: `left` and `right` are sums."""

    sentence: str
    left: tuple[Term, ...]
    sign: str
    right: tuple[Term, ...]

    def named(self, source: Source) -> list[str]:
        """The fields of the context, or of items, that it names."""
        return [term.name for term in (*self.left, *self.right) if term.source == source]

    def trouble(self, spec: FeatureSpec) -> str | None:
        """Why it can't be checked with a ranker's features; None where it can."""
        known: dict[Source, tuple[str, ...]] = {
            "context": (*spec.context_numeric, *spec.context_categorical),
            "item": (*spec.item_numeric, *spec.item_categorical),
        }
        for source, names in known.items():
            unknown = [name for name in self.named(source) if name not in names]
            if unknown:
                return f"names {source}.{unknown[0]}, which is no feature of the {source}"
        texts = {("context", name) for name in spec.context_categorical}
        texts |= {("item", name) for name in spec.item_categorical}
        sides = [_of_text(side, texts) for side in (self.left, self.right)]
        if sides[0] != sides[1] or (sides[0] and self.sign not in ("=", "!=")) or None in sides:
            return "compares a text with something else than = or != to one other text"
        return None

    def broken(self, context: Fields, items: Fields) -> bool | None:
        """Whether some candidate breaks it; None where what it names is missing for all of them.

        >>> sum_ = (Term(1.0, "context", "late_3h"), Term(60.0))
        >>> held = Invariant("late", (Term(1.0, "context", "late_1h"),), "<=", sum_)
        >>> fields = {"late_1h": np.array([70.0]), "late_3h": np.array([5.0])}
        >>> held.broken(fields, {}), held.broken(fields | {"late_3h": np.array([np.nan])}, {})
        (True, None)
        """
        left, right = (_sum(side, context, items) for side in (self.left, self.right))
        if object in (left.dtype, right.dtype):
            given = (left != "") & (right != "")
            holds = left == right if self.sign == "=" else left != right
        else:
            given = ~(np.isnan(left) | np.isnan(right))
            holds = _holds(left, self.sign, right)
        given, holds = np.broadcast_arrays(given, holds)
        return bool((given & ~np.asarray(holds, bool)).any()) if given.any() else None


def _of_text(side: Sequence[Term], texts: set[tuple[str, str]]) -> bool | None:
    """Whether a side is one text; None where it mixes texts with other things."""
    found = [term.text is not None or (term.source, term.name) in texts for term in side]
    return None if any(found) and (len(side) > 1 or side[0].factor != 1) else found[0]


def _sum(side: Sequence[Term], context: Fields, items: Fields) -> NDArray[Any]:
    values = [_value(term, context, items) for term in side]
    if values[0].dtype == object:
        return values[0]
    return np.asarray(sum(values[1:], values[0]))


def _value(term: Term, context: Fields, items: Fields) -> NDArray[Any]:
    if term.text is not None:
        return np.array([term.text], object)
    if term.source is None:
        return np.array([term.factor])
    found = (context if term.source == "context" else items)[term.name]
    return found if found.dtype == object else term.factor * found.astype(np.float64)


def _holds(left: NDArray[Any], sign: str, right: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        near = np.abs(left - right) <= NEAR * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
        order = {"=": near, "!=": ~near, "<": ~near & (left < right), ">": ~near & (left > right)}
        return np.asarray(order[sign] if sign in order else near | order[sign[0]])
