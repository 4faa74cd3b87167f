"""Sentences of invariants: what they mean, and what is refused, without evaluating anything."""

from __future__ import annotations

import pytest

from models.declaration.invariant_sentence import InvariantError, parse
from models.declaration.invariants import Term


def test_sums_of_terms_on_both_sides() -> None:
    found = parse("2 * context.late_1h - 3 >= -item.'hour-of-day' * .5 + 1e2")
    assert found.sign == ">="
    assert found.left == (Term(2.0, "context", "late_1h"), Term(-3.0))
    assert found.right == (Term(-0.5, "item", "hour-of-day"), Term(100.0))
    assert (found.named("context"), found.named("item")) == (["late_1h"], ["hour-of-day"])


@pytest.mark.parametrize("sign", ["==", "="])
def test_a_text_in_either_quotes(sign: str) -> None:
    assert parse(f'item.origin {sign} "EWR"').right == (Term(1.0, text="EWR"),)
    assert parse("item.origin = 'EWR'").sign == "="


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("", "has 0 comparisons"),
        ("context.a", "has 0 comparisons"),
        ("0 < context.a < 1", "has 2 comparisons"),
        ("context.a < ", "has nothing on one side"),
        ("context.a context.b < 1", "has two terms without + or - between them"),
        ("context.a * item.b < 1", "multiplies fields"),
        ("context.a * 'x' = item.b", "multiplies fields"),
        ("context.a + < 3", "lacks a number or a field beside a sign"),
        ("1 < 2", "names no field"),
        ("hour < 2", 'can\'t be read from "hour < 2" on'),
        ("context.a = __import__('os').system('x')", "can't be read from \"__import__"),
        ("context.a = context.b.real", 'can\'t be read from ".real" on'),
        ("context.a = (1)", "can't be read from"),
    ],
)
def test_what_is_refused_says_where(sentence: str, why: str) -> None:
    with pytest.raises(InvariantError) as refused:
        parse(sentence)
    assert why in str(refused.value)
