"""Where one unit falls under many salts at once: the same positions as `hashing`, one step for all salts.

A hash takes a unit's characters one after the other, but every salt takes the same one. So each step is one
operation on the states of all salts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.hashing import OFFSET, PRIME, absorb, code_units

States = NDArray[np.uint32]
Places = NDArray[np.intp]
_PRIME = np.uint32(PRIME)
_POWERS = (10 ** np.arange(9, -1, -1)).astype(np.uint32)[:, None]
_LEAST = _POWERS.copy()  # below it a digit is a leading zero, which is not written; the last always is
_LEAST[-1] = 0
_ZERO = np.uint32(ord("0"))


class UnitPositions:
    """Positions in S splits: `algorithms` and `salts` of each."""

    def __init__(self, algorithms: Sequence[str], salts: Sequence[str]) -> None:
        self._twice = np.array([name == "growthbook-v2" for name in algorithms], np.bool_)
        self._all_twice = bool(self._twice.all())
        self._seeded = np.array([absorb(OFFSET, salt) for salt in salts], np.uint32)
        units = [code_units(salt) for salt in salts]
        self._lengths = np.array([len(each) for each in units], np.intp)
        self._salts = np.zeros((max(self._lengths, default=0), len(salts)), np.uint32)
        for place, each in enumerate(units):
            self._salts[: len(each), place] = each

    def of(self, unit: str, places: Places) -> NDArray[np.intp]:
        """The position in each of the splits at `places` (n): 0..9999, under growthbook-v1 0..999."""
        if self._all_twice:
            return self._hashed_twice(unit, places)
        twice = self._twice[places]
        found = np.empty(places.size, np.intp)
        found[twice] = self._hashed_twice(unit, places[twice])
        found[~twice] = self._hashed_once(unit, places[~twice])
        return found

    def _hashed_twice(self, unit: str, places: Places) -> NDArray[np.intp]:
        """growthbook-v2: the hash of the decimal digits of the hash of salt and unit."""
        states = self._seeded[places]
        for code in np.array(code_units(unit), np.uint32):
            np.bitwise_xor(states, code, out=states)
            np.multiply(states, _PRIME, out=states)
        written = states >= _LEAST
        digits = np.where(written, states // _POWERS % np.uint32(10) + _ZERO, np.uint32(0))
        factors = np.where(written, _PRIME, np.uint32(1))
        states.fill(OFFSET)
        for digit, factor in zip(digits, factors, strict=True):
            np.bitwise_xor(states, digit, out=states)
            np.multiply(states, factor, out=states)
        return _remainder(states, 10_000)

    def _hashed_once(self, unit: str, places: Places) -> NDArray[np.intp]:
        """growthbook-v1: the hash of unit and salt."""
        states = np.full(places.size, absorb(OFFSET, unit), np.uint32)
        lengths = self._lengths[places]
        for step, codes in enumerate(self._salts[: max(lengths, default=0), places]):
            states = np.where(step < lengths, (states ^ codes) * _PRIME, states)
        return _remainder(states, 1_000)


def _remainder(states: States, size: int) -> NDArray[np.intp]:
    found: NDArray[Any] = states % np.uint32(size)
    return found.astype(np.intp)
