"""The one function from items and context to columns, and what a request's context may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features import (
    MISSING,
    Columns,
    ContextError,
    CrossError,
    DeclaredColumns,
    FeatureSpec,
    assemble,
    columns,
    load_cross,
    parse_context,
)

SPEC = FeatureSpec(
    item_numeric=("price", "age"),
    item_categorical=("kind",),
    context_numeric=("load", "rain"),
    context_categorical=("city",),
    cross_names=("both",),
    names=("price", "load", "age", "rain", "kind", "city", "both"),
)
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def product(items: Any, context: Any) -> Columns:
    return {"both": items["price"] * context["load"]}


@given(st.dictionaries(st.sampled_from(["load", "rain"]), st.none() | NUMBERS | st.integers(-(2**20), 2**20)))
def test_numbers_arrive_as_sent_and_what_is_left_out_is_missing(raw: dict[str, float | None]) -> None:
    found = parse_context(SPEC, raw)
    for place, name in enumerate(SPEC.context_numeric):
        sent = raw.get(name)
        assert math.isnan(found.numeric[place]) if sent is None else found.numeric[place] == np.float32(sent)
    assert found.categorical == (MISSING,)


@given(st.none() | st.text() | st.integers())
def test_categories_are_text(value: str | int | None) -> None:
    assert parse_context(SPEC, {"city": value}).categorical == ("" if value is None else str(value),)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"lod": 1}, "context.lod: 1 is not a context feature of this ranker; they are: load, rain, city"),
        ({"price": 1}, "context.price: 1 is not a context feature"),
        ({"load": math.nan}, "context.load: nan must be finite"),
        ({"load": -math.inf}, "context.load: -inf must be finite"),
        ({"load": 1e39}, r"context.load: 1e+39 must be finite and fit a 32-bit float"),
        ({"load": 10**400}, "context.load: 1000"),
        ({"load": "1"}, "context.load: '1' must be a number, or null"),
        ({"load": True}, "context.load: True must be a number"),
        ({"load": [1]}, "context.load: [1] must be a number"),
        ({"city": 1.5}, "context.city: 1.5 must be text or a whole number"),
        ({"city": False}, "context.city: False must be text"),
    ],
)
def test_what_cannot_be_used_is_named(raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(ContextError) as refused:
        parse_context(SPEC, raw)
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 300


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=9), NUMBERS, NUMBERS)
def test_one_request_is_what_training_computes_for_its_rows(
    rows: list[tuple[float, float]], load: float, rain: float
) -> None:
    count = len(rows)
    numeric = np.array(rows, dtype=np.float32).T
    kinds = np.array([f"k{row % 3}" for row in range(count)], dtype=object)
    context = parse_context(SPEC, {"load": load, "rain": rain, "city": "Graz"})
    with np.errstate(over="ignore", invalid="ignore"):
        served = columns(SPEC, numeric, [kinds], context, product)
        repeated = np.repeat(context.numeric[:, None], count, axis=1)
        cities = np.array(["Graz"] * count, dtype=object)
        trained = assemble(SPEC, DeclaredColumns(numeric, [kinds], repeated, [cities]), product)
    assert tuple(served) == tuple(trained) == SPEC.names
    for name in SPEC.names:
        assert served[name].shape == (count,)
        assert served[name].tobytes() == trained[name].tobytes() or list(served[name]) == list(trained[name])


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({}, "the function's names and cross_names differ in both"),
        ({"both": np.ones(3, np.float32), "x": np.ones(3)}, "differ in x"),
        ({"both": np.ones(2)}, r"both must have one value per item \(3\) or one for all, got shape \(2,\)"),
    ],
)
def test_a_cross_function_that_breaks_its_promise_is_refused(made: Columns, sentence: str) -> None:
    context = parse_context(SPEC, {})
    with pytest.raises(CrossError, match=sentence):
        columns(SPEC, np.ones((2, 3), np.float32), [np.array(["a"] * 3, object)], context, lambda *_: made)


@pytest.mark.parametrize(
    "path", ["nowhere:f", "models.features:nothing", "models.features", "models.features:MISSING"]
)
def test_a_cross_function_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(CrossError, match=r"features\.cross"):
        load_cross(path)
