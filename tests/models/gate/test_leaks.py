"""What a version can't know: labels in features, and quality too good to be true."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models.gate import encoded, leaks
from models.gate.compare import Comparison
from models.gate.subject import Subject
from models.gate.verdict import Result
from tests.faults.shop import Shop
from tests.models.gate.subjects import requests, subject, with_evidence

DRAW = np.random.default_rng(4)
LABELS = DRAW.integers(0, 4, 800).astype(float)
WINDOW = requests([8] * 100, LABELS)


@pytest.fixture
def judged(shop: Shop, version: Path) -> Subject:
    return subject(shop, version)


def features(judged: Subject, noise: float, sign: float = 1.0) -> Subject:
    column = (sign * LABELS + noise * DRAW.normal(size=800)).astype(np.float32)
    words = np.array(["a"] * 800, object)
    return with_evidence(judged, reference=WINDOW, columns={"delay": column, "shop": words})


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_feature_that_is_the_outcome_rejects(judged: Subject, sign: float) -> None:
    """Whichever way it points: alone it orders as the outcomes do."""
    (found,) = leaks.alone(features(judged, 0.0, sign))
    assert (found.result, found.figure) == (Result.REJECT, pytest.approx(1))
    assert found.sentence == (
        "delay alone has 100% of what there is to gain over a random order: it must be known only when the "
        "outcome is"
    )


def test_a_feature_that_is_nearly_the_outcome_holds(judged: Subject) -> None:
    """Between 0.8 and 0.93; an honest one stays below."""
    (held,) = leaks.alone(features(judged, 0.6))
    assert leaks.ALONE_HOLD < (held.figure or 0) <= leaks.ALONE_REJECT
    assert held.result is Result.HOLD
    (sound,) = leaks.alone(features(judged, 2.0))
    assert sound.result is Result.PASS
    assert sound.sentence.endswith("over a random order")


def test_nothing_is_said_of_few_requests_or_words(judged: Subject) -> None:
    """Text has no order, and 29 requests say little."""
    words = with_evidence(judged, reference=WINDOW, columns={"shop": np.array(["a"] * 800, object)})
    assert list(leaks.alone(words)) == []
    few = WINDOW.only(np.arange(800) < 8 * 29)
    assert list(leaks.alone(with_evidence(judged, reference=few, columns={"delay": few.labels}))) == []


def test_a_mean_of_labels_holds(judged: Subject) -> None:
    """Only features of this version are named, of what the whole table says."""
    table = SimpleNamespace(closeness={"price": encoded.LOW - 1, "rating": 0.2, "unused": -9.0})
    (found,) = leaks.labels_inside(with_evidence(judged, table=table))
    assert (found.result, found.figure) == (Result.HOLD, encoded.LOW - 1)
    assert found.sentence.startswith(
        "mean labels follow price more closely than chance allows (-5.5 standard"
    )
    table.closeness["price"] = encoded.LOW
    (sound,) = leaks.labels_inside(with_evidence(judged, table=table))
    assert sound.result is Result.PASS
    assert sound.sentence == "labels lie about 2 numbers as chance has them"
    assert list(leaks.labels_inside(with_evidence(judged, table=None))) == []


def test_quality_that_no_ranker_has_holds(judged: Subject) -> None:
    """On the window of its own training; a trusted window tells something else."""
    perfect = Comparison(WINDOW, LABELS, None, trusted=False)
    (found,) = leaks.too_good(with_evidence(judged, comparisons=[perfect]))
    assert (found.result, found.limit, found.source) == (Result.HOLD, 0.9, "rule")
    assert found.sentence.startswith("too good to be true: has 100% of what there is to gain")
    trusted = Comparison(WINDOW, LABELS, None, trusted=True)
    assert list(leaks.too_good(with_evidence(judged, comparisons=[trusted]))) == []


def test_far_better_than_the_champion_holds(judged: Subject) -> None:
    """By more than a fifth of what there is to gain."""
    champion = LABELS + 4 * DRAW.normal(size=800)
    own = LABELS + 0.8 * DRAW.normal(size=800)
    (found,) = leaks.too_good(
        with_evidence(judged, comparisons=[Comparison(WINDOW, own, champion, trusted=False)])
    )
    assert found.result is Result.HOLD
    assert found.source == "the champion's, and 0.2"
    assert (found.limit or 1) < 0.6
    alike = Comparison(WINDOW, champion, champion, trusted=False)
    (sound,) = leaks.too_good(with_evidence(judged, comparisons=[alike]))
    assert sound.result is Result.PASS


def test_features_of_the_future_reject(judged: Subject) -> None:
    """By what the declaration of training says; it refuses such itself when it is read."""
    (sound,) = leaks.available(judged)
    assert (sound.result, sound.sentence) == (Result.PASS, "all known at the decision")
    own = judged.declared.features.model_copy(update={"available_at": {"*": "0h", "price": "+2h"}})
    future = judged.declared.model_copy(update={"features": own})
    (found,) = leaks.available(with_evidence(judged, declared=future))
    assert found.result is Result.REJECT
    assert found.sentence == "known only after the decision: price"
