"""Salts under which a foreign algorithm splits units dependently: measured before a file is live.

GrowthBook's first algorithm hashes a unit's name and then the salt, byte by byte. Salts that differ in their
last characters only leave it few steps to part ways, so that a unit's place under one says much of its place
under the other, and two experiments of two layers disturb each other. Its second algorithm hashes twice;
under it, salts are independent, and nothing needs measuring.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from experiments.config.live import Live
from experiments.hashing import PRIME, fnv32a

UNITS, BINS = 2_000, 8
"""Units that are split, always the same ones, and the equal parts of a split that are told apart."""
SHOWN = 5
"""Pairs that are told, the worst first."""
FREEDOM = (BINS - 1) ** 2
AT_ONCE = 40
"""Splits that are compared with all others at once."""
LIMIT = 1e-9
"""p-value below which two salts are called dependent: of the 80,000 pairs of 400 salts, chance takes none."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """Two splits whose salts are not independent.

    `cramer`: Cramér's V, 0 of independent splits, 1 of equal ones.
    """

    splits: tuple[str, str]
    salts: tuple[str, str]
    cramer: float
    p: float

    def __str__(self) -> str:
        one, other = (f"{name} (salt {salt!r})" for name, salt in zip(self.splits, self.salts, strict=True))
        return (
            f"{one} and {other} split units dependently under growthbook-v1: Cramér's V is {self.cramer:.2f} "
            f"over {UNITS:,} units (by chance {sqrt((BINS - 1) / UNITS):.2f}), p = {self.p:.0e}; take salts "
            "that have nothing in common, or growthbook-v2"
        )


def told(live: Live) -> list[str]:
    """Sentences about the worst pairs, and how many more there are."""
    found = dependent_salts(live)
    more = [f"{len(found) - SHOWN:,} more pairs of salts are dependent"] if len(found) > SHOWN else []
    return [*map(str, found[:SHOWN]), *more]


def dependent_salts(live: Live) -> list[Dependence]:
    """Pairs of splits of the same kind of unit that are dependent, the worst first."""
    found = [
        each
        for kind in dict.fromkeys(kind for kind, _, _ in _foreign(live))
        for each in _measured([(name, salt) for of, name, salt in _foreign(live) if of == kind])
    ]
    return sorted(found, key=lambda each: -each.cramer)


def _foreign(live: Live) -> Iterator[tuple[str, str, str]]:
    """Kind of unit, name and salt of each split by the first algorithm."""
    if live.holdout is not None and live.holdout.hash == "growthbook-v1":
        yield live.unit, live.holdout.name, live.holdout.salt
    for layer in live.layers:
        if layer.hash == "growthbook-v1" and layer.experiments:
            yield layer.experiments[0].unit, f"layer {layer.name}", layer.salt
        for experiment in layer.experiments:
            if experiment.hash == "growthbook-v1":
                yield experiment.unit, experiment.name, experiment.salt


def _measured(splits: list[tuple[str, str]]) -> list[Dependence]:
    if len(splits) < 2:
        return []
    found = []
    for i, j, statistic in _chi_squares(np.array([bins_of(salt) for _, salt in splits])):
        p = _upper(statistic)
        if p < LIMIT:
            (one, salt), (other, second) = splits[i], splits[j]
            cramer = sqrt(statistic / UNITS / (BINS - 1))
            found.append(Dependence((one, other), (salt, second), cramer, p))
    return found


def bins_of(salt: str) -> NDArray[np.int64]:
    """Which part of its split each of the UNITS falls into, int64[units]."""
    states = _states().copy()
    for unit in np.frombuffer(salt.encode("utf-16-le", "surrogatepass"), "<u2").tolist():
        states = (states ^ np.uint32(unit)) * np.uint32(PRIME)
    return (states % 1_000).astype(np.int64) * BINS // 1_000


def names() -> list[str]:
    """Those of the units: hexadecimal digits that have no order."""
    return [blake2b(str(number).encode(), digest_size=8).hexdigest() for number in range(UNITS)]


@cache
def _states() -> NDArray[np.uint32]:
    """The hash's state after each unit's name."""
    return np.array([fnv32a(name) for name in names()], np.uint32)


def _chi_squares(bins: NDArray[np.int64]) -> Iterator[tuple[int, int, float]]:
    """Pearson's statistic of pairs of splits (int64[splits, units]), where it is over its mean.

    Σ joint² / (own · other) of shares, less 1, times the units: a product of indicators over their roots.
    """
    places = (bins[:, None, :] == np.arange(BINS)[None, :, None]).astype(np.float32)
    places /= np.sqrt(np.maximum(places.sum(2, keepdims=True), 1))
    flat, count, units = places.reshape(-1, bins.shape[1]), len(bins), bins.shape[1]
    for start in range(0, count, AT_ONCE):
        end = min(start + AT_ONCE, count)
        joint = flat[start * BINS : end * BINS] @ flat[start * BINS :].T
        squares = np.square(joint).reshape(end - start, BINS, count - start, BINS).sum((1, 3))
        statistics = units * (squares.astype(np.float64) - 1)
        for i, j in np.argwhere(np.triu(statistics, 1) > FREEDOM).tolist():
            yield start + i, start + j, float(statistics[i, j])


def _upper(statistic: float) -> float:
    """Chance of more (Wilson, Hilferty 1931, "The Distribution of Chi-Square")."""
    part = 2 / (9 * FREEDOM)
    return erfc(((statistic / FREEDOM) ** (1 / 3) - 1 + part) / sqrt(2 * part)) / 2
