"""From items and a request's context to the model's columns, by the same functions in training and serving.

Pure: no clock, no files; numpy only. A numeric feature is float32 with NaN for missing; a categorical one is
text, with the empty string for missing.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitoring.errors import UserError

MISSING = ""
MANY = 16  # fields of a context from which on they are read column by column
FLOAT32_MAX = float(np.finfo(np.float32).max)
_SAFE = 3e38  # below it no rounding reaches FLOAT32_MAX
_NUMBERS = frozenset({float, int, type(None)})
_TEXTS = frozenset({str, type(None)})

Columns = dict[str, NDArray[Any]]
Cross = Callable[[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]], Mapping[str, NDArray[np.float32]]]


class ContextError(UserError, ValueError):
    """A request's context that cannot be used: names the field, the value and the rule."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"context.{field}: {value!r:.80} {rule}")
        self.field, self.value, self.rule = field, value, rule


class CrossError(UserError, ValueError):
    """A cross function that does not return what its declaration promises."""


@dataclass(frozen=True)
class FeatureSpec:
    """Which feature comes from where. `names` is the model's order."""

    item_numeric: tuple[str, ...]
    item_categorical: tuple[str, ...]
    context_numeric: tuple[str, ...]
    context_categorical: tuple[str, ...]
    cross_names: tuple[str, ...]
    names: tuple[str, ...]

    @cached_property
    def numeric_position(self) -> dict[str, int]:
        """Context field → place in `Context.numeric`."""
        return {name: place for place, name in enumerate(self.context_numeric)}

    @cached_property
    def categorical_position(self) -> dict[str, int]:
        """Context field → place in `Context.categorical`."""
        return {name: place for place, name in enumerate(self.context_categorical)}

    @cached_property
    def context_fields(self) -> frozenset[str]:
        """Every context field."""
        return frozenset((*self.context_numeric, *self.context_categorical))

    @property
    def categorical(self) -> tuple[str, ...]:
        """Every categorical feature, in the model's order."""
        known = {*self.item_categorical, *self.context_categorical}
        return tuple(name for name in self.names if name in known)


@dataclass(frozen=True)
class Context:
    """What came with one request: float32[Kn] (NaN = missing), text (empty = missing), as in the spec."""

    numeric: NDArray[np.float32]
    categorical: tuple[str, ...]


def parse_context(spec: FeatureSpec, raw: Mapping[str, object] | None) -> Context:
    """Check a request's context. A field left out or null is missing; an unknown one is refused.

    Raises:
        ContextError: an unknown field, a number that is not finite or does not fit float32, a wrong type.

    >>> spec = FeatureSpec(("price",), (), ("hour",), ("city",), (), ("price", "hour", "city"))
    >>> parse_context(spec, {"hour": 18})
    Context(numeric=array([18.], dtype=float32), categorical=('',))
    >>> parse_context(spec, {"hour": "late"})
    Traceback (most recent call last):
    ...
    models.features.ContextError: context.hour: 'late' must be a number, or null where it is missing
    """
    if raw and len(raw) >= MANY:
        plain = _plain_context(spec, raw)
        if plain is not None:
            return plain
    numeric = np.full(len(spec.context_numeric), np.nan, dtype=np.float32)
    categorical = [MISSING] * len(spec.context_categorical)
    for field, value in (raw or {}).items():
        place = spec.numeric_position.get(field)
        if place is not None:
            numeric[place] = _number(field, value)
        elif (place := spec.categorical_position.get(field)) is not None:
            categorical[place] = _text(field, value)
        else:
            known = ", ".join((*spec.context_numeric, *spec.context_categorical)) or "none"
            raise ContextError(field, value, f"is not a context feature of this ranker; they are: {known}")
    return Context(numeric, tuple(categorical))


def _plain_context(spec: FeatureSpec, raw: Mapping[str, object]) -> Context | None:
    """The same, column by column; None where one of the fields is to be looked at by itself."""
    values = [raw.get(name) for name in spec.context_numeric]
    words = [raw.get(name) for name in spec.context_categorical]
    known = spec.context_fields.issuperset(raw)
    if not known or not _NUMBERS.issuperset(map(type, values)) or not _TEXTS.issuperset(map(type, words)):
        return None
    try:
        numeric = np.array(values, np.float64)  # None is NaN
    except OverflowError:
        return None
    fit = np.count_nonzero(np.abs(numeric) < _SAFE)
    if fit + values.count(None) != len(values):
        return None
    return Context(numeric.astype(np.float32), tuple([MISSING if word is None else word for word in words]))  # type: ignore[misc]


def own_context(spec: FeatureSpec, recorded: Mapping[str, object]) -> Context:
    """A recorded context as one version sees it: fields that only other versions know are left out.

    Raises:
        ContextError: a value that `parse_context` refuses.
    """
    return parse_context(spec, {name: recorded[name] for name in recorded if name in spec.context_fields})


def _number(field: str, value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContextError(field, value, "must be a number, or null where it is missing")
    if not -FLOAT32_MAX <= value <= FLOAT32_MAX:
        raise ContextError(
            field, value, "must be finite and fit a 32-bit float; send null where it is missing"
        )
    return float(value)


def _text(field: str, value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ContextError(field, value, "must be text or a whole number, or null where it is missing")
    return str(value)


def columns(
    spec: FeatureSpec,
    item_numeric: NDArray[np.float32],
    item_categorical: Sequence[NDArray[np.object_]],
    context: Context,
    cross: Cross | None,
) -> Columns:
    """The model's input for n items of one request, by name in the model's order.

    Args:
        item_numeric: float32 (F, n), rows in `spec.item_numeric`'s order.
        item_categorical: one object array of n texts per name of `spec.item_categorical`.
        context: what came with the request; every item sees the same.
        cross: the declared cross function, or None.

    Returns:
        name → float32[n] or object[n]. Context columns are read-only broadcasts (stride 0).

    >>> spec = FeatureSpec(("price",), (), ("rain",), (), ("wet",), ("price", "rain", "wet"))
    >>> def cross(items, context):
    ...     return {"wet": items["price"] * context["rain"]}
    >>> made = columns(spec, np.array([[2, 3]], np.float32), [], parse_context(spec, {"rain": 5}), cross)
    >>> {name: column.tolist() for name, column in made.items()}
    {'price': [2.0, 3.0], 'rain': [5.0, 5.0], 'wet': [10.0, 15.0]}
    """
    once = [np.array([text], dtype=object) for text in context.categorical]
    inputs = DeclaredColumns(item_numeric, item_categorical, context.numeric.reshape(-1, 1), once)
    return assemble(spec, inputs, cross)


@dataclass(frozen=True)
class DeclaredColumns:
    """n rows as in the spec: item columns of n values, context columns of 1 (one request) or n (many)."""

    item_numeric: NDArray[np.float32]
    item_categorical: Sequence[NDArray[np.object_]]
    context_numeric: NDArray[np.float32]
    context_categorical: Sequence[NDArray[np.object_]]

    @property
    def count(self) -> int:
        """n."""
        if self.item_numeric.shape[0] or not self.item_categorical:
            return int(self.item_numeric.shape[1])
        return len(self.item_categorical[0])


def assemble(spec: FeatureSpec, inputs: DeclaredColumns, cross: Cross | None) -> Columns:
    """As `columns`, also for rows of many requests at once: what training calls."""
    items: Columns = dict(zip(spec.item_numeric, inputs.item_numeric, strict=True))
    items.update(zip(spec.item_categorical, inputs.item_categorical, strict=True))
    context: Columns = dict(zip(spec.context_numeric, inputs.context_numeric, strict=True))
    context.update(zip(spec.context_categorical, inputs.context_categorical, strict=True))
    count = inputs.count
    found = dict(items)
    found.update({name: np.broadcast_to(column, count) for name, column in context.items()})
    if cross is not None:
        made = crossed(spec, cross(items, context), count)
        found.update({name: np.broadcast_to(column, count) for name, column in made.items()})
    return {name: found[name] for name in spec.names}


def crossed(spec: FeatureSpec, made: Mapping[str, NDArray[np.float32]], count: int) -> Columns:
    """What a cross function made: float32 of n values, or of one for all. CrossError for anything else."""
    if set(made) != set(spec.cross_names):
        odd = sorted(set(made) ^ set(spec.cross_names))
        raise CrossError(f"features.cross: the function's names and cross_names differ in {', '.join(odd)}")
    checked: Columns = {}
    for name, column in made.items():
        array = np.asarray(column, np.float32)
        if array.shape != (count,) and array.shape != (1,):  # noqa: PLR1714  (a tuple of them costs more)
            rule = f"must have one value per item ({count}) or one for all, got shape {array.shape}"
            raise CrossError(f"features.cross: {name} {rule}")
        checked[name] = array
    return checked


def trusted_cross(path: str | None, functions: Collection[str]) -> Cross | None:
    """The cross function that a version names, where it is one of `functions`, which ranker.toml names.

    Raises:
        CrossError: it is not, and nothing was imported; or what `load_cross` raises.
    """
    if path is not None and path not in functions:
        raise CrossError(f"features.cross: {path!r:.200} {foreign(functions)}")
    return load_cross(path)


def foreign(functions: Collection[str]) -> str:
    """The rule that a version breaks which names another function than `functions`, those of ranker.toml."""
    known = f"names {', '.join(sorted(functions))}" if functions else "names none"
    return f"is not imported: the served ranker.toml {known} (in features.cross and features.cross_before)"


def load_cross(path: str | None) -> Cross | None:
    """The function named "module:function" by a file that people keep; None for None.

    Raises:
        CrossError: the module cannot be imported or has no such function.
    """
    return None if path is None else load_function(path, "features.cross")


def load_function(path: str, key: str) -> Callable[..., Any]:
    """Import "module:function" as named by the declaration's `key`; CrossError where there is none."""
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise CrossError(
            f'{key}: {path!r} must be "module:function" that can be imported: {error}'
        ) from error
    if not callable(found):
        raise CrossError(f"{key}: {path!r} is not a function")
    return found  # type: ignore[no-any-return]
