"""Who an experiment is for: declared operators over a request's attributes, and no code in the file."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from experiments.config.live import Condition

Test = Callable[[object], bool]

ABSENT: Final = object()
"""The value of an attribute that was not sent."""
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def value_test(condition: Condition) -> Test:
    """One test of a value (ABSENT where there is none) against all operators of a condition."""
    tests = [_test(name, limit) for name, limit in _given(condition).items()]
    return lambda value: all(test(value) for test in tests)


def named_values(condition: Condition) -> list[Any]:
    """The values that its operators name; between them no operator changes its mind."""
    found: list[Any] = []
    for name, limit in _given(condition).items():
        if name != "exists":
            found += limit if isinstance(limit, tuple | list) else [limit]
    return found


def misdeclared(kinds: Mapping[str, str], attributes: Mapping[str, object]) -> str | None:
    """The first attribute that isn't of the kind it is declared to be; None where all are. null is absent.

    >>> misdeclared({"tier": "number"}, {"tier": "3"}), misdeclared({"tier": "number"}, {"tier": 3})
    ('tier', None)
    """
    for name, value in attributes.items():
        kind = kinds.get(name)
        if kind is not None and value is not None and not _IS[kind](value):
            return name
    return None


def _given(condition: Condition) -> dict[str, Any]:
    return condition.model_dump(by_alias=True, exclude_none=True)


def _test(name: str, limit: Any) -> Test:
    if name == "exists":
        return lambda value: (value is not ABSENT and value is not None) == limit
    if name in _ORDER:
        compare = _ORDER[name]
        return lambda value: _is_number(value) and compare(value, limit)
    if name in ("in", "not_in"):
        wanted = name == "in"
        return lambda value: value is not ABSENT and any(_same(value, one) for one in limit) == wanted
    return lambda value: value is not ABSENT and _same(value, limit) == (name == "eq")


def _same(value: object, limit: object) -> bool:
    """Equality without Python's `True == 1`: a boolean equals only a boolean."""
    return isinstance(value, bool) == isinstance(limit, bool) and value == limit


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_IS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
}
