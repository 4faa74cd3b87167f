"""A version valued on logged decisions: what served gains nothing over itself, a better one does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bentos.home.state import Home
from bentos.offline.version_value import DISCOUNT, Scorer, value, value_of
from experiments.offpolicy.estimators import LogError
from monitoring.log.known_outcomes import read_decisions
from monitoring.log.window import window
from tests.bentos.decisions.deciding import Desk
from tests.bentos.decisions.test_slates import order_of
from tests.experiments.analysis.logged import UNITS, serve
from tests.experiments.files import live
from tests.models.small import table

TAIL = "        enabled: false\nexploration: {share: 0.3, salt: e-1}\n"


@pytest.fixture
def decisions(tmp_path: Path) -> pd.DataFrame:
    """3,000 decisions of the default model with their outcomes, 30% explored."""
    (tmp_path / "decisions").mkdir()
    (tmp_path / "outcomes").mkdir()
    serve(tmp_path, live(tail=TAIL), UNITS, 1e6, 0.0, 1)
    with window(tmp_path) as log:
        return read_decisions(log).sort_values("time").reset_index(drop=True)


def _not_cut(model: str) -> Scorer:
    raise AssertionError("no answer was cut")


def truths(decisions: pd.DataFrame) -> list[dict[str, float]]:
    """Each decision's outcome of every item."""
    return [dict(zip(row.known_items, row.worth, strict=True)) for row in decisions.itertuples()]


def test_what_served_gains_nothing_over_itself(decisions: pd.DataFrame) -> None:
    """The same scores give the same order, whose gain is 0 exactly, and whose value is what it earned."""
    logged = iter(decisions.itertuples())

    def same(snapshot: str, items: list[str], context: object) -> np.ndarray:
        row = next(logged)
        scores = {row.candidates[i]: score for i, score in zip(row.slate, row.scores, strict=True)}
        return np.array([scores[item] for item in items])

    found = value_of(decisions, same, _not_cut)
    assert found.gain is not None
    assert (found.gain.value, found.gain.normal) == (0.0, (0.0, 0.0))
    greedy = decisions[~decisions.explored]
    earned = np.mean(
        [
            sum(w * known[row.candidates[i]] for w, i in zip(DISCOUNT, row.slate, strict=False))
            for row, known in zip(greedy.itertuples(), truths(greedy), strict=True)
        ]
    )
    snips = found.evaluation.estimates[1]
    assert snips.normal[0] < earned < snips.normal[1]


def test_a_better_version_is_seen_before_it_serves(decisions: pd.DataFrame) -> None:
    """An oracle's true value is inside every interval, and its gain is above 0."""
    known = truths(decisions)
    order = iter(known)
    found = value_of(decisions, lambda snapshot, items, context: _worth(next(order), items), _not_cut)
    best = np.mean([np.sort(list(each.values()))[::-1] @ DISCOUNT[:6] for each in known])
    assert found.gain is not None
    assert found.gain.normal[0] > 0
    for each in found.evaluation.estimates:
        assert abs(each.value - best) < 4 * each.deviation, each
    assert [each.method for each in found.evaluation.estimates] == ["ips", "snips", "dr"]


def _worth(known: dict[str, float], items: list[str]) -> np.ndarray:
    return np.array([known[item] for item in items])


def test_cut_answers_are_scored_again_by_both(decisions: pd.DataFrame) -> None:
    """Who agrees with what served gains nothing; who would serve what was cut away does not seem to agree."""
    whole = {
        row.request_id: {row.candidates[i]: score for i, score in zip(row.slate, row.scores, strict=True)}
        for row in decisions.itertuples()
    }
    cut = decisions.copy()
    for name in ("slate", "scores", "propensities"):
        cut[name] = [each[:2] for each in cut[name]]

    def served(frame: pd.DataFrame) -> Iterator[dict[str, float]]:
        return (whole[row.request_id] for row in frame.itertuples())

    def scorer(rows: Iterator[dict[str, float]], sign: float) -> Scorer:
        return lambda snapshot, items, context: sign * _worth(next(rows), items)

    again, upside_down = scorer(served(cut), 1.0), scorer(served(cut), -1.0)
    same = value_of(cut, scorer(served(cut), 1.0), lambda model: again)
    assert same.gain is not None
    assert (same.gain.value, same.gain.normal) == (0.0, (0.0, 0.0))
    again = scorer(served(cut), 1.0)
    other = value_of(cut, upside_down, lambda model: again)
    assert other.gain is None or other.gain.value < 0


def test_what_cannot_be_used_is_counted_and_nothing_is_refused(decisions: pd.DataFrame) -> None:
    """Fallbacks, missing outcomes, unknown propensities; and a log of nothing else."""
    decisions["fallback"] = None
    decisions["fallback"] = decisions["fallback"].astype(object)
    decisions.loc[:4, "fallback"] = "scores are constant"
    decisions.at[5, "known_items"] = None
    decisions.at[6, "propensities"] = [np.nan] * 6
    found = value_of(decisions, lambda snapshot, items, context: np.arange(len(items), dtype=float), _not_cut)
    counted = {reason: count for reason, count in found.skipped.items() if count}
    assert counted == {"without outcomes": 1, "under a fallback": 5, "without propensities": 1}
    assert found.decisions == 2_993
    with pytest.raises(LogError, match="log: none of 5 decisions can be used"):
        value_of(decisions.head(5), lambda snapshot, items, context: np.zeros(len(items)), _not_cut)


def test_a_package_is_valued_at_what_it_earns(made: tuple[Home, Desk]) -> None:
    """Every candidate's label is known, and so is the DCG of the version's own orders."""
    home, at = made
    found = value(home, home.version("2"))
    assert not found.evaluation.refused
    assert {reason: count for reason, count in found.skipped.items() if count} == {"without outcomes": 100}
    (version,) = (each for each in at.serving.versions.values() if each.number == "2")
    labels = table().set_index("item")["label"]
    records = [record for place, record in enumerate(at.records()) if place % 10]
    worth = []
    for record in records:
        items = list(map(str, record.candidates))
        order = order_of(version, items)[0]
        worth.append(labels[[items[place] for place in order]].to_numpy() @ DISCOUNT[:8])
    for estimate in found.evaluation.estimates:
        assert abs(estimate.value - np.mean(worth)) < 4 * estimate.deviation, estimate
