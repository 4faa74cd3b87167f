"""What a reference has against a limit in its own order."""

from __future__ import annotations

import numpy as np

from monitoring.guard.evidence import Odds
from monitoring.guard.worst import sound, worst


def test_runs_have_more_evidence_than_the_same_share_mixed() -> None:
    draw = np.random.default_rng(1)
    runs = np.tile(np.repeat([1.0, 0.0], [30, 70]), 20)
    mixed = draw.permutation(runs)
    assert worst(runs, 0.4) > worst(mixed, 0.4) + 10
    assert worst(np.full(5, np.nan), 0.4) == -np.inf


def test_the_first_limit_under_which_a_reference_is_silent() -> None:
    runs, odds = np.tile(np.repeat([1.0, 0.0], [20, 80]), 20), Odds(run_length=1e8)
    found = sound(runs, [0.3, 0.5, 0.7, 0.9], odds)
    assert found is not None
    assert found > 0.3
    assert worst(runs, found) <= 0.5 * np.log(1e8) < worst(runs, 0.3)
    assert sound(np.ones(500), [0.3, 0.9], odds) is None
