"""Which way up: outcomes, the champion, and declared directions."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import catboost
import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration
from models.declaration.sections import FeaturesSection
from models.gate import sign
from models.gate.compare import Comparison
from models.gate.judge import judge
from models.gate.subject import Subject
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import named, requests, subject, with_evidence, with_expect


def test_a_direction_that_is_not_there_holds(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A declared sign is tried on real rows: the wrong way rejects; shared context can't be tried."""
    declared = with_expect(shop, tmp_path, 'sign = { rating = "-", price = "-", hour = "+" }\n')
    checks = list(judge(subject(shop, version, declaration=declared)).checks)
    assert named(checks, "direction of rating").result is Result.REJECT
    assert named(checks, "direction of price").result is Result.PASS
    assert "compares only those" in named(checks, "direction of hour").sentence


@pytest.mark.parametrize(
    ("own", "result", "words"),
    [(1.0, Result.PASS, "scores go with"), (-1.0, Result.REJECT, "upside down: scores go against")],
)
def test_scores_go_with_outcomes(shop: Shop, version: Path, own: float, result: Result, words: str) -> None:
    """By rank correlation on every window; what does not clearly do so holds."""
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 4, 400).astype(float)
    window = requests([8] * 50, labels)
    judged = with_evidence(
        subject(shop, version), comparisons=[Comparison(window, own * labels, labels, trusted=True)]
    )
    (found,) = sign.outcomes(judged)
    assert (found.name, found.result, found.figure) == ("sign on a test", result, pytest.approx(own))
    assert found.sentence.startswith(words)
    (like,) = sign.likeness(judged)
    assert like.result is result
    noise = draw.normal(size=400)
    (held,) = sign.outcomes(
        with_evidence(judged, comparisons=[Comparison(window, noise, None, trusted=True)])
    )
    assert held.result is Result.HOLD
    assert "do not clearly go with the outcomes of a test" in held.sentence


def test_a_foreign_order_holds(shop: Shop, version: Path) -> None:
    """Nothing in common with the champion's, though not its opposite; without a champion nothing is said."""
    draw = np.random.default_rng(2)
    window = requests([8] * 200, draw.integers(0, 4, 1600).astype(float))
    champion = draw.normal(size=1600)
    own = champion * 0.02 + draw.normal(size=1600)
    judged = with_evidence(
        subject(shop, version), comparisons=[Comparison(window, own, champion, trusted=True)]
    )
    (found,) = sign.likeness(judged)
    assert found.result is Result.HOLD
    assert found.sentence.startswith("has next to nothing in common with the champion on a test")
    first = with_evidence(judged, comparisons=[Comparison(window, own, None, trusted=True)])
    assert list(sign.likeness(first)) == []


def test_a_direction_that_can_not_be_tried(shop: Shop, version: Path, tmp_path: Path) -> None:
    """A feature that is no number of this version, or that scores hardly respond to."""
    declared = with_expect(shop, tmp_path, 'sign = { rating = "+" }\n')
    judged = subject(shop, version, declaration=declared)
    document = json.loads(judged.declared.to_json())
    document["features"]["numeric"].remove("rating")
    document["expect"]["sign"] = {}
    without = Declaration.from_json(json.dumps(document))
    (foreign,) = sign.directions(with_evidence(judged, declared=without))
    assert foreign.result is Result.HOLD
    assert foreign.sentence == (
        "rating is no numeric feature of this version: its declared sign can't be tried"
    )
    flat = subject(shop, version, declaration=declared)
    with_evidence(flat, probes=flat.probes.assign(rating=np.float32(9)))  # beyond the last border
    (dull,) = sign.directions(flat)
    assert dull.result is Result.HOLD
    assert dull.sentence.startswith("scores do not respond to rating: 0 of ")


def test_values_move_to_higher_ones_that_occur() -> None:
    """Few values: each to the next. Many: by half the interquartile range at least. The top stays."""
    years = np.array([1, 2, 2, 3, 3, 3, 4, 4, 9], np.float32)
    np.testing.assert_array_equal(sign.higher(years, years), [2, 3, 3, 4, 4, 4, 9, 9, np.nan])
    flags = np.array([0, 1, np.nan], np.float32)
    np.testing.assert_array_equal(sign.higher(flags, flags), [1, np.nan, np.nan])
    many = np.arange(200, dtype=np.float32)
    found = sign.higher(many, many)
    assert (found[:150] - many[:150] >= 49.75).all()
    assert np.isin(found[np.isfinite(found)], many).all()
    counts = np.concatenate([np.full(900, 3), np.full(900, 4), np.arange(100)]).astype(np.float32)
    moved = sign.higher(counts, counts)
    assert (moved[:900] == 4).all()
    assert np.isnan(sign.higher(np.array([np.nan], np.float32), np.array([np.nan], np.float32))).all()


def whole_numbers(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A column of whole numbers with an interquartile range of 1, and a flag, that mean more."""
    return draw.binomial(8, 0.5, 3000).astype(np.float32), draw.integers(0, 2, 3000).astype(np.float32)


@pytest.mark.parametrize("feature", ["years", "flag"])
@pytest.mark.parametrize(("declared", "wanted"), [("+", Result.PASS), ("-", Result.REJECT)])
def test_the_sign_of_whole_numbers_and_flags_is_told(feature: str, declared: str, wanted: Result) -> None:
    """The model's most important columns: every row that can move does."""
    draw = np.random.default_rng(3)
    years, flag = whole_numbers(draw)
    noise = draw.normal(size=3000)
    label = years + 3 * flag + noise
    frame = pd.DataFrame({"years": years, "flag": flag, "other": draw.random(3000).astype(np.float32)})
    model = catboost.CatBoost({"iterations": 60, "verbose": 0, "allow_writing_files": False}).fit(
        frame, label
    )
    (found,) = sign.directions(rows_of(frame, model, {feature: declared}))
    assert found.result is wanted, found.sentence
    assert "do not respond" not in found.sentence


def rows_of(
    frame: pd.DataFrame,
    model: catboost.CatBoost,
    signs: dict[str, str],
    special: dict[str, tuple[float, ...]] | None = None,
) -> Subject:
    """What a direction is tried on."""
    judged = SimpleNamespace(
        probes=frame,
        columns={name: frame[name].to_numpy() for name in frame},
        predict=model.predict,
        served=SimpleNamespace(
            expect=SimpleNamespace(sign=signs), features=FeaturesSection(special=special or {})
        ),
        declared=SimpleNamespace(numeric=tuple(frame), ranks=False, context=()),
    )
    return cast("Subject", judged)


def test_special_values_have_no_direction() -> None:
    """Who has no record (-9) is safe, beside that risk rises with the months since the last default."""
    draw = np.random.default_rng(5)
    months = draw.integers(0, 8, 3000).astype(np.float32)
    months[draw.random(3000) < 0.6] = -9
    label = np.where(months == -9, 30, months) + draw.normal(size=3000)
    frame = pd.DataFrame({"months": months, "other": draw.random(3000).astype(np.float32)})
    model = catboost.CatBoost({"iterations": 60, "verbose": 0, "allow_writing_files": False}).fit(
        frame, label
    )
    (plain,) = sign.directions(rows_of(frame, model, {"months": "+"}))
    assert plain.result is Result.REJECT, "moving from -9 to 0 is no rise of the months"
    for special in ({"months": (-9.0,)}, {"mon*": (-7.0, -9.0)}):
        (right,) = sign.directions(rows_of(frame, model, {"months": "+"}, special))
        (wrong,) = sign.directions(rows_of(frame, model, {"months": "-"}, special))
        assert (right.result, wrong.result) == (Result.PASS, Result.REJECT)
