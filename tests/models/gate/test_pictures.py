"""The pictures beside a verdict."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np

from models.gate.compare import Comparison
from models.gate.pictures import pictures
from models.gate.subject import Subject
from tests.faults.shop import Shop
from tests.models.gate.subjects import requests, subject, with_evidence


def test_a_ranking_version_has_histograms_and_directions(shop: Shop, version: Path) -> None:
    """One of each window, one of each declared direction; every one is a PNG with a caption."""
    judged = subject(shop, version)
    found = list(pictures(judged))
    assert [each.title for each in found] == [
        *(f"Scores on {each.window.source}" for each in judged.comparisons),
        "Direction of rating",
    ]
    for each in found:
        assert base64.b64decode(each.content)[:8] == b"\x89PNG\r\n\x1a\n"
        assert each.caption.endswith(".")
    assert found[-1].caption.endswith("as rating alone is moved; declared +.")


def test_probabilities_have_a_calibration_too(lending: Shop) -> None:
    """For a first version without a champion's line."""
    judged = Subject(
        "lending",
        "1",
        lending.champion,
        lending.home / "lending" / "catalogue",
        lending.origin,
    )
    titles = [each.title for each in pictures(judged)]
    assert "Calibration on the declared table" in titles
    assert titles[-2:] == ["Direction of income", "Direction of debt"]


def test_scores_that_are_not_finite_are_left_out(shop: Shop, version: Path) -> None:
    """A broken version has a picture too, also where nothing is left to draw."""
    labels = np.array([0.0, 1, 0, 1])
    for own in (np.array([np.nan, 1.0, np.inf, 2.0]), np.full(4, np.nan)):
        broken = Comparison(requests([2, 2], labels), own, None, trusted=True)
        first = next(pictures(with_evidence(subject(shop, version), comparisons=[broken])))
        assert (first.title, first.caption) == ("Scores on a test", "4 candidates.")
