"""The log of a policy as columns of numbers: what estimates are made of, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.offpolicy.labels import coded
from monitoring.errors import UserError

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


class LogError(UserError, ValueError):
    """Columns that can't be a log: the sentence names the column, the value and the rule."""


LIGHTEST = 1e-100
"""Propensity below which 1 / propensity is no number to reckon with."""
HEAVIEST = 1e9
"""Weight above which a propensity is a mistake: nothing else in a log would count beside it."""


@dataclass(frozen=True, slots=True)
class Log:
    """Rows of logged decisions, float64[m] and int64[m]; `log_of` checks and builds it.

    `target`: the evaluated policy's probability of the row's item at the row's position. `predicted`: the
    reward model's value of the row; `expected`: its mean over the target's items at this position.
    `baseline`: another policy's probability of the row's item, with which the target is compared.
    """

    reward: Floats
    propensity: Floats
    target: Floats
    decision: Indexes
    cluster: Indexes
    position: Indexes
    discount: Floats
    predicted: Floats | None = None
    expected: Floats | None = None
    baseline: Floats | None = None

    @property
    def weight(self) -> Floats:
        """How much more often the target does this than the logging policy did."""
        return self.target / self.propensity


def log_of(  # noqa: PLR0913 - one argument a column
    reward: ArrayLike,
    propensity: ArrayLike,
    target: ArrayLike,
    *,
    decision: ArrayLike | None = None,
    unit: Sequence[object] | NDArray[np.object_] | None = None,
    position: ArrayLike | None = None,
    discount: ArrayLike | None = None,
    predicted: ArrayLike | None = None,
    expected: ArrayLike | None = None,
) -> Log:
    """Check the columns, one entry a row, and build a Log. LogError says what can't be.

    `decision` (any integers): rows of one answer; absent, each row is one. `unit`: what intervals
    cluster by; absent, the decision. `position` from 0, `discount` by position: both absent for an
    item log.
    """
    rewards = _column("reward", reward)
    count = len(rewards)
    decisions = _codes(np.arange(count) if decision is None else decision, count, "decision")
    places = np.zeros(count, np.int64) if position is None else np.asarray(position, np.int64)
    by_position = np.ones(int(places.max(initial=0)) + 1) if discount is None else np.asarray(discount, float)
    if places.min(initial=0) < 0 or places.max(initial=0) >= len(by_position):
        raise LogError(f"position: {places.max()} is outside the {len(by_position)} discounted positions")
    log = Log(
        reward=finite("reward", rewards, count),
        propensity=finite("propensity", propensity, count),
        target=finite("target", target, count),
        decision=decisions,
        cluster=decisions if unit is None else _codes(np.asarray(unit, object), count, "unit"),
        position=places,
        discount=by_position[places],
        predicted=None if predicted is None else finite("predicted", predicted, count),
        expected=None if expected is None else finite("expected", expected, count),
    )
    _check_probabilities(log)
    return log


def _codes(values: ArrayLike, count: int, name: str) -> Indexes:
    column = np.asarray(values)
    if column.shape != (count,):
        raise LogError(f"{name}: {len(column)} entries for {count} rewards")
    if column.dtype == object:
        return coded(column).codes
    steps = np.diff(column, prepend=-1 if count and column[0] == 0 else -2)
    if column.dtype == np.int64 and bool(((steps == 0) | (steps == 1)).all()):
        return column  # in order and without gaps, as those of batches are
    return np.asarray(np.unique(column, return_inverse=True)[1], np.int64)


def _column(name: str, values: ArrayLike) -> Floats:
    try:
        column = np.asarray(values, float)
    except ValueError as error:
        raise LogError(f"{name}: holds something other than numbers: {error}") from error
    if column.ndim != 1 or len(column) == 0:
        raise LogError(f"{name}: shape {column.shape} holds no rows; a log needs at least one decision")
    return column


def finite(name: str, values: ArrayLike, count: int) -> Floats:
    """A column of `count` finite numbers. Raises LogError."""
    column = _column(name, values)
    if len(column) != count:
        raise LogError(f"{name}: {len(column)} entries for {count} rewards")
    if wrong := int(count - np.isfinite(column).sum()):
        rule = "are not finite numbers; leave those rows out or fill them"
        raise LogError(f"{name}: {wrong} of {count} values {rule}")
    return column


def _check_probabilities(log: Log) -> None:
    _refuse("propensity", log.propensity, log.propensity <= 0, "above 0 and at most 1")
    _refuse("propensity", log.propensity, log.propensity < LIGHTEST, f"at least {LIGHTEST:g}")
    far = log.target > HEAVIEST * log.propensity
    _refuse("propensity", log.propensity, far, f"at least a share {1 / HEAVIEST:g} of the target's")
    _refuse("target", log.target, log.target < 0, "at least 0 and at most 1")


def _refuse(name: str, column: Floats, too_low: NDArray[np.bool_], rule: str) -> None:
    wrong = np.flatnonzero(too_low | (column > 1 + 1e-9))
    if len(wrong):
        first = int(wrong[0])
        raise LogError(f"{name}: {column[first]:g} in row {first} is no probability; it must be {rule}")
