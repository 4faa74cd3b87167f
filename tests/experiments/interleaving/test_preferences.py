"""From drafts on record to a preference in words: every credit is that of its definition."""

from pathlib import Path

import numpy as np
import pytest

from experiments.interleaving.preferences import Preferences, credit, credited, preferred
from experiments.interleaving.report import rows
from experiments.slates.interleave import NEITHER
from tests.experiments.interleaving.drafts import found, interleaved, serve
from tests.proofs.proofs import preferring


@pytest.mark.parametrize(
    ("gain", "requests", "start"),
    [
        (0.6, 1_500, "prefer challenger: credit in"),
        (0.0, 1_500, "no preference: credit in"),
        (0.0, 150, "keep going: credit in"),
    ],
)
def test_the_verdict_in_words(tmp_path: Path, gain: float, requests: int, start: str) -> None:
    """The better ranker is preferred, and what isn't decided says how long it takes."""
    config = interleaved()
    serve(tmp_path, config, requests, gain)
    seen = found(tmp_path, config)
    said = preferred(seen)
    assert str(said).startswith(start), str(said)
    assert seen.credits[0].fixed is None
    assert "at the planned end" in rows(seen.credits)[0]


def test_what_cannot_be_said() -> None:
    """An unfair coin, no variation, few units; each its sentence."""
    draw = np.random.default_rng(1)
    units = [f"u-{i}" for i in range(500)]
    fine = credited(draw.normal(1, 1, 500), np.ones(500), units)
    assert fine is not None
    unfair = Preferences(("a", "b"), (fine,), (320, 180), {})
    assert "the coin is not fair" in str(preferred(unfair))
    assert "no variation" in str(preferred(Preferences(("a", "b"), (), (0, 0), {})))
    few = credited(draw.normal(1, 1, 50), np.ones(50), units[:50])
    assert few is not None
    assert "too few units: 50" in str(preferred(Preferences(("a", "b"), (few,), (25, 25), {})))
    assert credited([1.0, 2.0], [1.0, 1.0], ["u", "u"]) is None


def test_credit_counts_the_top_and_forgives_missing_outcomes() -> None:
    """An outcome that hasn't come counts as 0."""
    team = np.array([NEITHER, 0, 1, 1], np.int8)
    assert credit(team, np.array([9.0, 1.0, 2.0, np.nan])) == 1.0
    assert credit(team, np.array([9.0, 1.0, 2.0, 5.0]), top=2) == -1.0


def test_looking_at_any_time_is_safe() -> None:
    """Equal rankers, 20 looks in each of 200 runs: rarely a preference, where fixed intervals see many."""
    anytime, fixed = preferring(runs=200, requests=2_000, seed=7)
    assert anytime <= 0.05
    assert fixed > 0.1
