"""Windows of requests: figures, parts, and the requests that an engine is asked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from models.engine import RowError
from models.features import ContextError
from models.gate.window import RequestWindow, jobs, score
from models.training.ranking_metrics import ndcg
from tests.faults.shop import Shop
from tests.models.gate.subjects import drawn_requests, requests, subject


def test_chance_is_what_chance_gives() -> None:
    """The window's exact mean of random orders lies within five standard errors of 2,000 drawn ones."""
    draw = np.random.default_rng(5)
    labels, _, starts = drawn_requests(draw)
    window = RequestWindow("drawn", [str(row) for row in range(len(labels))], starts, [{}] * 40, labels)
    exact = np.nanmean(window.chance)
    drawn = [np.nanmean(window.quality(draw.random(len(labels)))) for _ in range(2000)]
    error = np.std(drawn) / np.sqrt(len(drawn))
    print(f"exact {exact:.5f}, drawn {np.mean(drawn):.5f} ± {error:.5f}")
    assert abs(np.mean(drawn) - exact) < 5 * error


def test_what_is_measured_follows_from_the_size_of_requests() -> None:
    """NDCG@10 where requests have several rows, the area under the curve where they have one."""
    labels, scores = np.array([0.0, 2, 1, 0, 1, 0]), np.array([0.1, 0.3, 0.2, 0.5, 0.9, 0.4])
    several = requests([3, 3], labels)
    assert several.measure == "NDCG@10"
    np.testing.assert_array_equal(several.quality(scores), ndcg(labels, scores, several.starts, 10))
    np.testing.assert_allclose(several.agreement(labels), 1)
    alone = requests([1] * 6, labels)
    assert alone.measure == "AUC"
    assert alone.estimate(alone.quality(scores)).value == pytest.approx(5 / 9)
    assert alone.estimate(alone.agreement(scores)).value == pytest.approx(2 * 5 / 9 - 1)
    np.testing.assert_array_equal(alone.chance, 0.5)
    assert alone.likeness(scores, -scores).tolist() == pytest.approx([-1])


def test_some_rows_of_a_window() -> None:
    """Rows, contexts and slices stay together; a request that loses all its rows goes."""
    window = requests(
        [2, 1, 2],
        np.array([1.0, np.nan, 0, 2, np.nan]),
        contexts=[{"hour": 1}, {"hour": 2}, {"day": 3}],
        slices={"shop": np.array(["a", "b", "c", "d", "e"], object)},
        as_asked=True,
    )
    found = window.only(np.array([True, False, False, True, True]))
    assert found.starts.tolist() == [0, 1, 3]
    assert found.ids == [0, 3, 4]
    assert found.contexts == [{"hour": 1}, {"day": 3}]
    assert found.slices["shop"].tolist() == ["a", "d", "e"]
    assert found.as_asked
    assert window.labelled.labels.tolist() == [1, 0, 2]
    assert window.context_names == {"hour", "day"}
    assert window.only(np.zeros(5, bool)).requests == 0


def test_scores_are_those_that_the_engine_serves(shop: Shop, version: Path) -> None:
    """Request by request, with what it knows of the context; an unknown item is an error."""
    judged = subject(shop, version)
    whole = judged.reference
    window = whole.only(whole.request_of_row < 3)
    found = score(window, judged.engine, judged.catalogue)
    (first, *_) = jobs(window, judged.engine, judged.catalogue)
    np.testing.assert_array_equal(found[: first.rows.size], judged.engine.score(first.rows, first.context))
    more = dataclasses.replace(window, contexts=[{**context, "mood": 1} for context in window.contexts])
    np.testing.assert_array_equal(score(more, judged.engine, judged.catalogue), found)
    unknown = dataclasses.replace(window, ids=["nowhere", *window.ids[1:]])
    assert window.known(judged.catalogue).all()
    assert np.flatnonzero(~unknown.known(judged.catalogue)).tolist() == [0]
    with pytest.raises(RowError, match="row -1 is not in catalogue"):
        score(unknown, judged.engine, judged.catalogue)
    late = dataclasses.replace(window, contexts=[{"hour": "late"}] * window.requests)
    with pytest.raises(ContextError, match="must be a number"):
        score(late, judged.engine, judged.catalogue)


def test_the_gain_is_the_declared_one_also_in_parts() -> None:
    labels, scores = np.array([900.0, 0, 5, 1, 0, 700]), np.arange(6.0)
    window = dataclasses.replace(requests([3, 3], labels), gain="linear")
    np.testing.assert_array_equal(window.quality(scores), ndcg(labels, scores, window.starts, 10, "linear"))
    part = window.only(np.arange(6) < 3)
    np.testing.assert_array_equal(part.quality(scores[:3]), window.quality(scores)[:1])
    assert np.isfinite(window.chance).all()
