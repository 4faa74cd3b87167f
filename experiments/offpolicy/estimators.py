"""What a policy would have earned, from the log of another one: IPS, SNIPS and DR, for items and for slates.

A row is one item at one position of one logged decision; an item log has one row a decision. With weight
w = target / propensity and discount α of the position, the value per decision is

- IPS: mean of Σ α·w·r (Horvitz, Thompson 1952; for slates the independent, position-based form: Li et al.
2018,
  "Offline Evaluation of Ranking Policies with Click Models"),
- SNIPS: w divided by its mean at that position (Swaminathan, Joachims 2015, "The Self-Normalized Estimator"),
- DR: mean of Σ α·(expected + w·(r − predicted)) with a reward model (Dudík, Langford, Li 2011, "Doubly Robust
  Policy Evaluation and Learning").

Diagnostics come first: if they say that the log does not suffice, there is no estimate
(`experiments.offpolicy.support`).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.offpolicy.intervals import Intervals, PolicyEstimate, estimates_of
from experiments.offpolicy.labels import Labels, coded
from experiments.offpolicy.policy_log import Floats, Log, LogError, finite
from experiments.offpolicy.policy_rows import LogRows, PolicyTotals, WholeLog, totals_of
from experiments.offpolicy.support import Diagnostics, diagnose_decisions
from experiments.offpolicy.weight_tests import LogParts, in_parts, in_positions, of_actions

Method = Literal["ips", "snips", "dr"]

LEAST_CLUSTERS = 10
"""Units that an interval by unit needs."""
DIFFERENCE = "snips difference"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Diagnostics, and either estimates or the sentences that say why there are none.

    `gain`: the target's value minus the baseline's, where the log has one.
    """

    diagnostics: Diagnostics
    estimates: tuple[PolicyEstimate, ...]
    refused: tuple[str, ...]
    gain: PolicyEstimate | None = None


def evaluate(
    log: Log | LogRows, intervals: Intervals | None = None, parts: LogParts | None = None
) -> Evaluation:
    """Diagnostics, then IPS, SNIPS and (with a reward model) DR, unless the diagnostics refuse.

    `parts`: what decisions are told apart by; weights are tested within them as well. Rows that come in
    batches are passed over twice, and with a baseline the target's gain over it is estimated, too.

    A log of 2,000 decisions between two items that earn 1 and 3, drawn by a coin: what would showing the
    second one always have earned?

    >>> from experiments.offpolicy.policy_log import log_of
    >>> draw = np.random.default_rng(1)
    >>> shown = draw.integers(0, 2, 2_000)
    >>> reward = np.where(shown == 1, 3.0, 1.0) + draw.normal(0, 1, 2_000)
    >>> found = evaluate(log_of(reward, propensity=np.full(2_000, 0.5), target=(shown == 1).astype(float)))
    >>> for each in found.estimates:
    ...     print(each.method, f"{each.value:.2f} [{each.normal[0]:.2f}, {each.normal[1]:.2f}]")
    ips 3.06 [2.91, 3.21]
    snips 3.02 [2.96, 3.08]
    >>> never = evaluate(log_of(reward, propensity=np.full(2_000, 0.5), target=np.zeros(2_000)))
    >>> never.refused
    ("no logged decision has any probability under the target policy: the log can't judge it",)
    """
    rows = WholeLog(log) if isinstance(log, Log) else log
    parts = parts or LogParts()
    totals, sums = totals_of(rows), ClusterSums(rows)
    sums.add_all(totals)
    diagnostics = diagnose_decisions(totals.weight, totals.earned)
    if refused := [*diagnostics.refusals(), *_few_units(rows), *_in_parts(totals, sums, parts)]:
        return Evaluation(diagnostics, (), tuple(refused))
    found = estimates_of(sums.by_method, sums.sizes, intervals or Intervals())
    gain = next((each for each in found if each.method == DIFFERENCE), None)
    return Evaluation(diagnostics, tuple(each for each in found if each is not gain), (), gain)


class ClusterSums:
    """What each method sums up to over a cluster's decisions, float64[c], and how many these are."""

    def __init__(self, rows: LogRows) -> None:
        self._rows = rows
        methods: list[str] = ["ips", "snips", *["dr"] * rows.modelled, *[DIFFERENCE] * rows.compared]
        self.by_method = {method: np.zeros(rows.clusters) for method in methods}
        self.sizes = np.zeros(rows.clusters)
        self.squares = np.zeros(rows.positions)
        """Squared deviations of the weights from their mean, by position."""
        self.spread = 0.0
        """The same from the mean of all weights."""

    def add_all(self, totals: PolicyTotals) -> None:
        """Pass over all rows."""
        for log in self._rows.batches(self._rows.modelled):
            self._add(log, totals)

    def _add(self, log: Log, totals: PolicyTotals) -> None:
        for method, sums in self.by_method.items():
            np.add.at(sums, log.cluster, _contributions(log, method, totals))
        of_decision = np.zeros(int(log.decision.max()) + 1, np.int64)
        of_decision[log.decision] = log.cluster
        np.add.at(self.sizes, of_decision, 1.0)
        weight = log.weight
        off = np.square(weight - totals.target.mean[log.position])
        self.squares += np.bincount(log.position, off, len(self.squares))
        self.spread += float(np.square(weight - totals.mean_weight).sum())


def _few_units(rows: LogRows) -> list[str]:
    if rows.clusters >= LEAST_CLUSTERS:
        return []
    return [
        f"the decisions are of {rows.clusters} units, and at least {LEAST_CLUSTERS} are needed for an "
        "interval that takes those of one unit as one"
    ]


def _in_parts(totals: PolicyTotals, sums: ClusterSums, parts: LogParts) -> list[str]:
    labels = {name: each if isinstance(each, Labels) else coded(each) for name, each in parts.known.items()}
    known = totals.by_decision(labels)
    found = [sentence for name, labels in known.items() for sentence in in_parts(totals.weight, labels, name)]
    if parts.action is not None:
        found += of_actions(totals.propensity, parts.action, always=parts.always)
    if totals.target.count[1:].any():
        found += in_positions(totals.target.count, totals.target.mean, sums.squares, sums.spread)
    return found


def estimate(log: Log, method: Method, intervals: Intervals | None = None) -> PolicyEstimate:
    """One estimator's value without the diagnostics: for simulations; call `evaluate`."""
    return _summed(log, contributions(log, method), method, intervals or Intervals())


def difference(
    log: Log,
    target: ArrayLike,
    baseline: ArrayLike,
    method: Method = "snips",
    intervals: Intervals | None = None,
) -> PolicyEstimate:
    """Value of one target policy minus that of another on the same rows: what they share cancels.

    `target` and `baseline`: float64[m], both policies' probabilities of the logged item. For IPS and
    SNIPS.
    """
    count = len(log.reward)
    ours = replace(log, target=finite("target", target, count))
    theirs = replace(log, target=finite("baseline", baseline, count))
    rows = contributions(ours, method) - contributions(theirs, method)
    return _summed(log, rows, f"{method} difference", intervals or Intervals())


def contributions(log: Log, method: Method) -> Floats:
    """What each row adds to the sum over decisions, float64[m]; SNIPS is linearised."""
    return _contributions(log, method, totals_of(WholeLog(log)))


def _contributions(log: Log, method: str, totals: PolicyTotals) -> Floats:
    weight = log.weight
    if method == "ips":
        return log.discount * weight * log.reward
    if method == "dr":
        if log.predicted is None or log.expected is None:
            raise LogError("dr needs 'predicted' and 'expected', a reward model's values")
        return log.discount * (log.expected + weight * (log.reward - log.predicted))
    found = totals.target.normalised(log, weight)
    if method == DIFFERENCE and log.baseline is not None:
        return found - totals.baseline.normalised(log, log.baseline / log.propensity)
    return found


def _summed(log: Log, rows: Floats, name: str, intervals: Intervals) -> PolicyEstimate:
    clusters = int(log.cluster.max()) + 1
    sums = np.asarray(np.bincount(log.cluster, rows, clusters), float)
    of_decision = np.zeros(int(log.decision.max()) + 1, np.int64)
    of_decision[log.decision] = log.cluster
    sizes = np.bincount(of_decision, minlength=clusters).astype(float)
    return estimates_of({name: sums}, sizes, intervals)[0]
