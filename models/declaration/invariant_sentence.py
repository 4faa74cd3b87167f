"""The sentence of an invariant, such as "context.late_1h <= context.late_3h + 60", read and never evaluated.

Two sums with one comparison between them (= != < > <= >=). A term is a number, a field, or a number times a
field; a field is `context.NAME` or `item.NAME`, with quotes where a name is more than letters, digits and
underscores (`context.'hour-of-day'`). A text stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.declaration.invariants import Invariant, Term
from monitoring.errors import UserError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<source>context|item)\s*\.\s*(?:(?P<name>[^\W\d]\w*)|'(?P<quoted>[^']+)')"
    r"|'(?P<text>[^']*)'|(?P<sign><=|>=|!=|==|[=<>+*-]))"
)
_COMPARED = {"=": "=", "==": "=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


class InvariantError(UserError, ValueError):
    """A sentence that is no invariant; it says where and why."""


def parse(sentence: str) -> Invariant:
    """Read one invariant. Raises InvariantError.

    >>> parse("context.hour = item.hour").sign
    '='
    >>> parse("context.hour = __import__('os')")
    Traceback (most recent call last):
    ...
    models.declaration.invariant_sentence.InvariantError: can't be read from "__import__('os')" on
    """
    tokens = _tokens(sentence)
    places = [place for place, token in enumerate(tokens) if token.group("sign") in _COMPARED]
    if len(places) != 1:
        raise InvariantError(f"has {len(places)} comparisons (= != < > <= >=): it needs exactly one")
    left, right = tokens[: places[0]], tokens[places[0] + 1 :]
    found = Invariant(sentence, _terms(left), _COMPARED[tokens[places[0]].group("sign")], _terms(right))
    if not found.named("context") and not found.named("item"):
        raise InvariantError("names no field: context.NAME or item.NAME")
    return found


def _tokens(sentence: str) -> Sequence[re.Match[str]]:
    found, place = [], 0
    text = sentence.replace('"', "'").rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise InvariantError(f'can\'t be read from "{text[place:].strip()}" on')
        found.append(token)
        place = token.end()
    return found


def _terms(tokens: Sequence[re.Match[str]]) -> tuple[Term, ...]:
    """Terms of one side: signs between them, `*` between a number and a field."""
    terms: list[Term] = []
    rest = list(tokens)
    while rest:
        factor, signed = 1.0, False
        while rest and rest[0].group("sign") in ("+", "-"):
            factor *= -1.0 if rest.pop(0).group("sign") == "-" else 1.0
            signed = True
        if terms and not signed:
            raise InvariantError("has two terms without + or - between them")
        terms.append(_term(rest, factor))
    if not terms:
        raise InvariantError("has nothing on one side of its comparison")
    return tuple(terms)


def _term(rest: list[re.Match[str]], factor: float) -> Term:
    product = [_operand(rest)]
    while rest and rest[0].group("sign") == "*":
        rest.pop(0)
        product.append(_operand(rest))
    fields = [each for each in product if each.source is not None or each.text is not None]
    if len(fields) > 1 or (len(product) > 1 and any(each.text is not None for each in fields)):
        raise InvariantError("multiplies fields: only a number may be multiplied with a field")
    for each in product:
        factor *= each.factor
    own = fields[0] if fields else Term(1.0)
    return Term(factor, own.source, own.name, own.text)


def _operand(rest: list[re.Match[str]]) -> Term:
    if not rest or rest[0].group("sign"):
        raise InvariantError("lacks a number or a field beside a sign")
    token = rest.pop(0)
    if token.group("number"):
        return Term(float(token.group("number")))
    if token.group("source"):
        return Term(1.0, token.group("source"), token.group("name") or token.group("quoted"))  # type: ignore[arg-type]
    return Term(1.0, text=token.group("text"))
