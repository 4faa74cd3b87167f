"""Whether a request breaks what is declared to hold, for numbers and texts, one candidate or many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.declaration.declaration import DeclarationError
from models.declaration.invariant_sentence import parse
from models.features import FeatureSpec
from tests.models.small import declare

SPEC = FeatureSpec(("price", "hour"), ("shop",), ("hour", "rain"), ("city",), (), ())
CONTEXT = {"hour": np.array([7.0]), "rain": np.array([np.nan]), "city": np.array(["x"], object)}
ITEMS = {
    "hour": np.array([7.0, 7.0, np.nan], np.float32),
    "price": np.array([1.1, 30.0, 2.0], np.float32),
    "shop": np.array(["x", "", "x"], object),
}


@pytest.mark.parametrize(
    ("sentence", "broken"),
    [
        ("context.hour = item.hour", False),
        ("context.hour != item.hour", True),
        ("context.hour = item.hour + 1", True),
        ("item.price <= 4 * context.hour", True),  # one of three candidates
        ("item.price <= 4 * context.hour + 2", False),
        ("item.price > 1.1", True),  # the float32 nearest to 1.1 is no more than equal to it
        ("item.price >= 1.1", False),
        ("context.rain >= 0", None),
        ("context.city = item.shop", False),
        ("context.city = 'y'", True),
        ("context.city != 'y'", False),
    ],
)
def test_an_invariant_is_broken_by_any_candidate(sentence: str, broken: bool | None) -> None:
    found = parse(sentence)
    assert found.trouble(SPEC) is None
    assert found.broken(CONTEXT, ITEMS) is broken


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("context.price < 3", "names context.price, which is no feature of the context"),
        ("item.rain < 3", "names item.rain, which is no feature of the item"),
        ("context.city = item.price", "compares a text"),
        ("context.city < item.shop", "compares a text"),
        ("context.city = 3", "compares a text"),
        ("context.city + 1 = item.shop", "compares a text"),
    ],
)
def test_what_a_ranker_has_not_is_no_invariant(sentence: str, why: str) -> None:
    assert str(parse(sentence).trouble(SPEC)).startswith(why)


def test_a_declaration_with_a_wrong_invariant_is_refused(tmp_path: Path) -> None:
    """By key, value and rule; one that holds is kept, also in the package's declaration."""
    declared = declare(tmp_path)
    own = {"sign": {}, "invariants": ["context.hour <= 23"]}
    assert declared._with("expect", own).expect.invariants == ("context.hour <= 23",)
    with pytest.raises(DeclarationError, match=r"expect\.invariants: 'context\.hours <= 23' names context"):
        declared._with("expect", own | {"invariants": ["context.hours <= 23"]})
    with pytest.raises(DeclarationError, match=r"expect\.invariants: 'hour <= 23' can't be read"):
        declared._with("expect", own | {"invariants": ["hour <= 23"]})
