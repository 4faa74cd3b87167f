"""The look-up by attribute leaves exactly the experiments whose conditions hold, one by one."""

import math
from decimal import Decimal
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from experiments.assignment import audience
from experiments.assignment.audience import Audience
from experiments.config.live import Condition
from tests.experiments.assignment.rule import suits

NUMBERS = st.one_of(
    st.sampled_from([0, 1, 1.0, 2, 2.5, -3, 1e300, -1.7e308, 2**53, 2**53 + 1]),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
)
LIMITS = st.one_of(st.booleans(), st.sampled_from(["a", "b", "0", "1", ""]), NUMBERS)
FLOATS = st.one_of(st.integers(-4, 4).map(float), st.floats(allow_nan=False, allow_infinity=False))
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "eq": LIMITS,
        "ne": LIMITS,
        "in": st.lists(LIMITS, max_size=4),
        "not_in": st.lists(LIMITS, max_size=4),
        "gt": FLOATS,
        "gte": FLOATS,
        "lt": FLOATS,
        "lte": FLOATS,
        "exists": st.booleans(),
    },
)
VALUES = st.one_of(
    LIMITS,
    FLOATS,
    st.none(),
    st.just(["a"]),
    st.just(Decimal(1)),
    st.just(10**400),
    st.sampled_from([math.inf, -math.inf, math.nan]),
)
TARGETINGS = st.lists(st.dictionaries(st.sampled_from("xyz"), CONDITIONS, max_size=3), max_size=9)


@given(TARGETINGS, st.dictionaries(st.sampled_from("xyzw"), VALUES))
@example([{"x": {"gt": 2.0**53, "lt": 2.0**53 + 2}}], {"x": 2**53 + 1})
@example([{"x": {"gt": 5e-324}}, {"x": {"gt": 0.0}}], {"x": 5e-324})
def test_it_is_the_rule_of_each_experiment(
    given_conditions: list[dict[str, dict[str, Any]]], attributes: dict[str, Any]
) -> None:
    """Texts, numbers between and at the limits, booleans, null, absent ones, and what is none of these."""
    targetings = [
        {name: Condition.model_validate(each) for name, each in targeting.items()}
        for targeting in given_conditions
    ]
    bits = Audience.of(targetings).suited(attributes)
    assert [bool(bits >> n & 1) for n in range(len(targetings))] == [suits(t, attributes) for t in targetings]


def test_equal_conditions_are_tested_once() -> None:
    """However many experiments make them: what is kept of an attribute grows with different ones."""
    same = {"x": Condition.model_validate({"in": ["a", "b"], "exists": True})}
    ((_, attribute),) = Audience.of([same] * 50).attributes
    assert [each.bits for each in attribute.asked] == [(1 << 50) - 1]


def test_between_two_numbers_lies_one_or_nothing_can() -> None:
    """Also between neighbouring floats that have an integer between them."""
    assert audience.number_above(1.0, [2.0]) == 1.5
    assert audience.number_above(2.0**60, [math.nextafter(2.0**60, math.inf)]) == 2**60 + 128
    assert audience.number_above(3, []) > 3
