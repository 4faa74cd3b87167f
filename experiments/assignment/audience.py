"""Whom all experiments of a file are for: what each attribute's value leaves of them, as bits of one number.

A condition's answer changes only at the values that it names. So for every attribute the experiments that a
value suits are worked out once, for each named value and for what lies between; a request costs one look-up
an attribute, however many experiments there are.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Self

from experiments.assignment.targeting import ABSENT, Test, named_values, value_test
from experiments.config.live import Condition


class _Asked(NamedTuple):
    """A condition, and the bits of the experiments that make it."""

    test: Test
    bits: int


@dataclass(frozen=True, slots=True)
class _Attribute:
    """The bits that a value leaves: by text, by number or gap between numbers, or by what else it is.

    Of k `numbers`, `at[2i]` is for values below the i-th, `at[2i + 1]` for that number, `at[2k]` above all.
    """

    asked: tuple[_Asked, ...]
    others: int
    """The experiments that ask nothing of this attribute."""
    texts: Mapping[str, int]
    text: int
    flags: tuple[int, int]
    numbers: tuple[int | float, ...]
    at: tuple[int, ...]
    absent: int
    null: int

    def suited(self, value: object) -> int:
        if isinstance(value, str):
            return self.texts.get(value, self.text)
        if isinstance(value, bool):
            return self.flags[value]
        if isinstance(value, int | float) and value == value:  # noqa: PLR0124  (NaN is in no order)
            place = bisect_left(self.numbers, value)
            named = place < len(self.numbers) and self.numbers[place] == value
            return self.at[2 * place + named]
        if value is ABSENT:
            return self.absent
        return self.null if value is None else _suited(self.asked, self.others, value)


@dataclass(frozen=True, slots=True)
class Audience:
    """The experiments that conditions leave: experiment n is bit n."""

    all: int
    attributes: tuple[tuple[str, _Attribute], ...]

    @classmethod
    def of(cls, targetings: Sequence[Mapping[str, Condition]]) -> Self:
        """Of each experiment's conditions by attribute."""
        every = (1 << len(targetings)) - 1
        asked: dict[str, dict[str, _Condition]] = {}
        for number, targeting in enumerate(targetings):
            for name, condition in targeting.items():
                key = condition.model_dump_json(by_alias=True, exclude_none=True)
                same = asked.setdefault(name, {}).setdefault(key, _Condition(condition, 0))
                asked[name][key] = same._replace(bits=same.bits | 1 << number)
        return cls(every, tuple((name, _attribute([*of.values()], every)) for name, of in asked.items()))

    def suited(self, attributes: Mapping[str, object]) -> int:
        """The bits of the experiments whose conditions all hold."""
        bits = self.all
        for name, attribute in self.attributes:
            bits &= attribute.suited(attributes.get(name, ABSENT))
            if not bits:
                break
        return bits


class _Condition(NamedTuple):
    condition: Condition
    bits: int


def _attribute(conditions: Sequence[_Condition], every: int) -> _Attribute:
    asked = tuple(_Asked(value_test(each.condition), each.bits) for each in conditions)
    others = every & ~sum(each.bits for each in asked)
    naming: dict[Any, list[_Asked]] = {}
    for each, one in zip(conditions, asked, strict=True):
        for value in dict.fromkeys(v for v in named_values(each.condition) if not isinstance(v, bool)):
            naming.setdefault(value, []).append(one)
    texts = {value: naming[value] for value in naming if isinstance(value, str)}
    numbers = tuple(sorted(value for value in naming if not isinstance(value, str)))
    unnamed = next(text for text in map(str, range(len(texts) + 1)) if text not in texts)
    text = _suited(asked, others, unnamed)
    return _Attribute(
        asked=asked,
        others=others,
        texts={value: _changed(text, naming, value) for value, naming in texts.items()},
        text=text,
        flags=(_suited(asked, others, False), _suited(asked, others, True)),
        numbers=numbers,
        at=tuple(_along(numbers, naming, _suited(asked, others, _below(numbers)))),
        absent=_suited(asked, others, ABSENT),
        null=_suited(asked, others, None),
    )


def _suited(asked: Sequence[_Asked], others: int, value: object) -> int:
    return others | sum(each.bits for each in asked if each.test(value))


def _changed(bits: int, naming: Sequence[_Asked], value: object) -> int:
    """The bits of a value, from those of one next to it that these conditions do not name."""
    for each in naming:
        bits = bits | each.bits if each.test(value) else bits & ~each.bits
    return bits


def _along(numbers: Sequence[int | float], naming: Mapping[Any, list[_Asked]], bits: int) -> Iterator[int]:
    """The bits below every number and at it, and above all of them."""
    yield bits
    for place, number in enumerate(numbers):
        yield _changed(bits, naming[number], number)
        bits = _changed(bits, naming[number], number_above(number, numbers[place + 1 : place + 2]))
        yield bits


def _below(numbers: Sequence[int | float]) -> int:
    return math.floor(numbers[0]) - 1 if numbers else 0


def number_above(number: float, following: Sequence[int | float]) -> int | float:
    """A number above one and below the following, or the following where no integer or float is between."""
    if not following:
        return math.floor(number) + 1
    middle = (Fraction(number) + Fraction(following[0])) / 2
    whole = math.floor(middle)
    near = (whole, whole + 1, number + (following[0] - number) / 2 if abs(middle) < 1e300 else whole)
    return next((each for each in near if number < each < following[0]), following[0])
