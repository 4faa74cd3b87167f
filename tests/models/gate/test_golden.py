"""Golden pairs: read, tried, and held where they say nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.features import parse_context
from models.gate import golden
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import named, subject, with_expect


def test_golden_pairs_are_read_and_held_to(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A pair in the right order passes; the same pair turned round is rejected, by line."""
    scored = subject(shop, version)
    rows = np.arange(50, dtype=np.int64)
    context = {"hour": 12}
    scores = scored.engine.score(rows, parse_context(scored.engine.spec, context))
    best, worst = (scored.catalogue.ids(rows)[int(each)] for each in (scores.argmax(), scores.argmin()))
    asked = json.dumps(context).replace('"', '""')
    right = f'better,worse,context\n{best},{worst},"{asked}"\n'
    wrong = f'better,worse,context\n{best},{worst},"{asked}"\n{worst},{best},"{asked}"\n'
    for text, result in ((right, Result.PASS), (wrong, Result.REJECT)):
        declared = with_expect(shop, tmp_path, 'golden = "golden.csv"\n', golden=text)
        found = named(list(golden.golden(subject(shop, version, declaration=declared))), "golden pairs")
        assert found.result is result
    assert f"golden.csv: {worst} over {best} (line 3)" in found.sentence


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("better,worst\na,b\n", "golden.csv: lacks the column worse"),
        ("better,worse\n", "golden.csv: has no pair"),
        ("better,worse,context\nitem-1,item-2,{\n", "golden.csv:2: context: '{' is not JSON"),
        ("better,worse\nitem-1,nowhere\n", "has an item that the catalogue does not know"),
        ('better,worse,context\nitem-1,item-2,"{""hour"": ""late""}"\n', "must be a number"),
    ],
)
def test_golden_pairs_that_say_nothing_hold(
    shop: Shop, version: Path, tmp_path: Path, text: str, rule: str
) -> None:
    """A file that can't be used, or an item that is gone, is a person's to mend: held, and said where."""
    declared = with_expect(shop, tmp_path, 'golden = "golden.csv"\n', golden=text)
    checks = list(golden.golden(subject(shop, version, declaration=declared)))
    held = [check for check in checks if check.result is Result.HOLD]
    assert any(rule in check.sentence for check in held), checks
