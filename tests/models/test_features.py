"""The one function from items and context to columns, and what a request's context may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import features
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
    load_function,
    own_context,
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


def test_a_record_of_several_versions_is_read_by_each_as_its_own_context() -> None:
    """What only another version knew is left out; what this one knows is checked as in a request."""
    found = own_context(SPEC, {"load": 2, "snow": "deep", "city": "Graz"})
    assert found.numeric[0] == 2
    assert math.isnan(found.numeric[1])
    assert found.categorical == ("Graz",)
    with pytest.raises(ContextError, match=r"context\.load: 'much' must be a number"):
        own_context(SPEC, {"load": "much", "snow": "deep"})


def test_a_ranker_without_context_says_so() -> None:
    none = FeatureSpec(("price",), (), (), (), (), ("price",))
    with pytest.raises(ContextError, match="is not a context feature of this ranker; they are: none"):
        parse_context(none, {"load": 1})
    assert parse_context(none, None).numeric.shape == (0,)


def test_a_specs_categorical_features_are_in_the_models_order() -> None:
    assert SPEC.categorical == ("kind", "city")
    assert SPEC.context_fields == {"load", "rain", "city"}
    assert (SPEC.numeric_position, SPEC.categorical_position) == ({"load": 0, "rain": 1}, {"city": 0})


def test_a_cross_function_may_give_one_value_for_all_items() -> None:
    context = parse_context(SPEC, {"load": 3})
    numeric, kinds = np.ones((2, 4), np.float32), [np.array(["a"] * 4, object)]
    made = columns(SPEC, numeric, kinds, context, lambda _items, context: {"both": context["load"] * 2})
    assert made["both"].tolist() == [6.0] * 4
    assert made["both"].dtype == np.float32


@pytest.mark.parametrize(
    ("numeric", "kinds", "count"), [(np.ones((2, 3), np.float32), [], 3), (np.empty((0, 0)), [["a"] * 5], 5)]
)
def test_rows_are_counted_by_numbers_or_else_by_texts(numeric: Any, kinds: Any, count: int) -> None:
    found = DeclaredColumns(numeric, [np.array(each, object) for each in kinds], np.empty((0, 1)), [])
    assert found.count == count


def test_a_function_is_named_with_the_key_that_names_it() -> None:
    assert load_function("math:sqrt", "data.source")(4.0) == 2.0
    with pytest.raises(CrossError, match=r'^data\.source: \'math:\' must be "module:function" that can be'):
        load_function("math:", "data.source")
    with pytest.raises(CrossError, match=r"^data\.source: 'math:pi' is not a function"):
        load_function("math:pi", "data.source")
    assert load_cross(None) is None


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(width=32),
    st.sampled_from(["x", 10**400, [1], 3.4028235e38, 3.5e38, -3.4028236e38]),
    st.sampled_from([int(features.FLOAT32_MAX), int(features.FLOAT32_MAX) + 1]),
)


@settings(max_examples=300)
@given(st.lists(VALUES, min_size=40, max_size=40), st.sampled_from([0, 0, 0, 1]), st.booleans())
def test_many_fields_are_read_as_each_would_be(values: list[Any], odd: int, sound: bool) -> None:
    """Column by column: the same numbers and texts, and the same refusals."""
    numeric, texts = tuple(f"n{i}" for i in range(30)), tuple(f"c{i}" for i in range(10))
    spec = FeatureSpec((), (), numeric, texts, (), (*numeric, *texts))
    raw = dict(zip([*numeric[odd:], *["what"] * odd, *texts], values, strict=True))
    if sound:  # most examples would be refused for their first field
        raw = {name: value for name, value in raw.items() if _alone(spec, name, value)}
    assert _read(spec, raw, features.MANY) == _read(spec, raw, 10**6)


def _alone(spec: FeatureSpec, name: str, value: Any) -> bool:
    try:
        return bool(parse_context(spec, {name: value}))
    except ContextError:
        return False


def _read(spec: FeatureSpec, raw: dict[str, Any], many: int) -> tuple[object, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "MANY", many)
        try:
            found = parse_context(spec, raw)
        except ContextError as error:
            return (str(error),)
    return found.numeric.tobytes(), found.categorical
