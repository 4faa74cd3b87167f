"""What batches sum up to is what all rows at once do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from experiments.offpolicy.estimators import Evaluation, evaluate
from experiments.offpolicy.labels import coded
from experiments.offpolicy.policy_log import Log, log_of
from experiments.offpolicy.policy_rows import WholeLog, totals_of
from experiments.offpolicy.weight_tests import LogParts

DECISIONS, EACH = 900, 3


def a_log(seed: int = 0) -> Log:
    """Slates of three positions, by 150 units, with a reward model and a baseline."""
    draw = np.random.default_rng(seed)
    rows = DECISIONS * EACH
    log = log_of(
        draw.poisson(1.0, rows),
        np.full(rows, 0.5),
        draw.integers(0, 2, rows).astype(float),
        decision=np.repeat(np.arange(DECISIONS), EACH),
        unit=np.repeat(draw.integers(0, 150, DECISIONS), EACH).astype(object),
        position=np.tile(np.arange(EACH), DECISIONS),
        discount=[1.0, 0.6, 0.5],
        predicted=draw.normal(1, 0.1, rows),
        expected=draw.normal(1, 0.1, rows),
    )
    return replace(log, baseline=draw.integers(0, 2, rows).astype(float))


@dataclass(frozen=True)
class Cut(WholeLog):
    """The same log in batches of so many decisions."""

    decisions: int = 100

    def batches(self, modelled: bool = False) -> Iterator[Log]:
        for first in range(0, DECISIONS, self.decisions):
            rows = slice(EACH * first, EACH * (first + self.decisions))
            names = ("reward", "propensity", "target", "cluster", "position", "discount", "predicted",
                     "expected", "baseline")  # fmt: skip
            parts = {name: getattr(self.log, name)[rows] for name in names}
            yield Log(decision=self.log.decision[rows] - first, **parts)


def numbers(found: Evaluation) -> list[float]:
    gain = [found.gain] if found.gain else []
    estimates = [(e.value, e.deviation, *e.normal, *e.bootstrap) for e in (*found.estimates, *gain)]
    return [each for estimate in estimates for each in estimate]


@pytest.mark.parametrize("decisions", [1, 100, 900])
def test_batches_are_evaluated_as_the_whole(decisions: int) -> None:
    log = a_log()
    whole, cut = evaluate(log), evaluate(Cut(log, decisions))
    assert [each.method for each in cut.estimates] == ["ips", "snips", "dr"]
    assert cut.gain is not None
    assert numbers(cut) == pytest.approx(numbers(whole), rel=1e-11, abs=1e-13)
    assert cut.diagnostics.effective == pytest.approx(whole.diagnostics.effective, rel=1e-12)


def test_labels_of_decisions_are_tested_as_those_of_rows() -> None:
    """A part whose weights are wrong is refused, in batches with the same sentence."""
    log = a_log()
    day = np.arange(DECISIONS) % 3
    wrong = np.repeat(day == 1, EACH)
    log = replace(log, propensity=np.where(wrong, 0.25, np.where(np.repeat(day == 2, EACH), 1.0, 0.5)))
    names = np.array(["mon", "tue", "wed"], object)[day]
    whole = evaluate(log, parts=LogParts({"day": np.repeat(names, EACH)}))
    cut = evaluate(Cut(log), parts=LogParts({"day": coded(names)}))
    assert cut.refused == whole.refused
    assert any("day tue" in sentence for sentence in cut.refused)


def test_totals_know_each_decisions_first_row() -> None:
    found = totals_of(Cut(a_log(), 7 * 9))
    np.testing.assert_array_equal(found.first, EACH * np.arange(DECISIONS))
    assert found.target.count.tolist() == [DECISIONS] * EACH
    assert found.mean_weight == pytest.approx(a_log().weight.mean(), rel=1e-12)
