"""The drawn arms of a unit: one split after the other where few experiments are open, else all in one step.

A step over many splits costs hardly more than over one.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from experiments.assignment.arms import Arm
from experiments.assignment.planned import PlannedExperiment, PlannedLayer
from experiments.config.fields import NOBODY
from experiments.unit_positions import UnitPositions

FEW = 16
"""Open experiments from which on one step for all of them is cheaper (measured: 4 µs each, or 35 µs)."""

_Numbers = NDArray[np.intp]


class Draws:
    """The splits of all layers; experiments are numbered through them, and of many, number n is bit n."""

    def __init__(self, layers: Sequence[PlannedLayer]) -> None:
        self._layers = layers
        self._experiments = [each for layer in layers for each in layer.experiments]
        self._layer_of = [at for at, layer in enumerate(layers) for _ in layer.experiments]
        sizes = [len(layer.experiments) for layer in layers]
        self._first = [sum(sizes[:at]) for at in range(len(layers))]
        bits = [((1 << size) - 1) << first for size, first in zip(sizes, self._first, strict=True)]
        self.exclusive = [bits[at] for at in self._layer_of]
        """Of each experiment, the bits of its layer: a unit is in one of them at most."""
        self._steps = _Steps(layers, self._experiments, self._layer_of, self._first)

    def of(self, unit: str, live: int, now: float) -> list[Arm]:
        """The unit's arms among the experiments of the bits `live`, in the order of their numbers."""
        if live.bit_count() >= FEW:
            return self._steps.arms(unit, live, now)
        found: list[Arm] = []
        while live:
            number = (live & -live).bit_length() - 1
            at = self._layer_of[number]
            found += self._one(unit, self._layers[at], live >> self._first[at], now)
            live &= ~self.exclusive[number]
        return found

    def position(self, number: int, unit: str) -> int:
        """Of a unit in an experiment's own split."""
        return self._experiments[number].position(unit)

    @staticmethod
    def _one(unit: str, layer: PlannedLayer, live: int, now: float) -> tuple[Arm, ...]:
        position = 0 if layer.undivided else layer.position(unit)
        owner = layer.table[position]
        if owner == NOBODY or not live >> owner & 1:
            return ()
        experiment = layer.experiments[owner]
        if not experiment.is_open(position, now):
            return ()
        place = experiment.position(unit)
        index = experiment.table[place]
        return () if index == NOBODY else (Arm(experiment.arms[index], place),)


class _Steps:
    """The same as arrays over layers and experiments. Equal tables, as of equal weights, are kept once."""

    def __init__(
        self,
        layers: Sequence[PlannedLayer],
        experiments: Sequence[PlannedExperiment],
        layer_of: Sequence[int],
        first: Sequence[int],
    ) -> None:
        self._experiments = experiments
        self._arms = [arm for each in experiments for arm in each.arms]
        self._first_arm = np.cumsum([0, *(len(each.arms) for each in experiments)])[:-1]
        self._layer_of, self._first = np.array(layer_of, np.intp), np.array(first, np.intp)
        self._divided = np.array([not layer.undivided for layer in layers], np.bool_)
        self._ramped = np.array([bool(each.opens) for each in experiments], np.bool_)
        self._in_layer = UnitPositions([each.algorithm for each in layers], [each.salt for each in layers])
        self._in_experiment = UnitPositions(
            [each.algorithm for each in experiments], [each.salt for each in experiments]
        )
        starts: dict[bytes, int] = {}
        for text in chain((each.table for each in layers), (each.table for each in experiments)):
            starts.setdefault(text, sum(map(len, starts)))
        self._tables = np.frombuffer(b"".join(starts), np.uint8)
        self._owners = np.array([starts[each.table] for each in layers], np.intp)
        self._variants = np.array([starts[each.table] for each in experiments], np.intp)

    def arms(self, unit: str, live: int, now: float) -> list[Arm]:
        packed = live.to_bytes(-(-len(self._experiments) // 8), "little")
        open_ones = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little").view(np.bool_)
        numbers = self._chosen(unit, open_ones, now)
        places = self._in_experiment.of(unit, numbers)
        indexes = self._tables[self._variants[numbers] + places]
        drawn = indexes != NOBODY
        arms = (self._first_arm[numbers] + indexes)[drawn].tolist()
        return list(map(Arm, map(self._arms.__getitem__, arms), places[drawn].tolist()))

    def _chosen(self, unit: str, open_ones: NDArray[np.bool_], now: float) -> _Numbers:
        """The experiments that their layers choose for the unit, and that are open to it."""
        layers = self._layer_of[np.flatnonzero(open_ones)]
        layers = layers[np.diff(layers, prepend=-1) > 0]
        positions = np.zeros(layers.size, np.intp)
        divided = self._divided[layers]
        if divided.any():
            positions[divided] = self._in_layer.of(unit, layers[divided])
        owners = self._tables[self._owners[layers] + positions]
        owned = owners != NOBODY
        numbers, positions = (self._first[layers] + owners)[owned], positions[owned]
        kept = open_ones[numbers]
        for at in np.flatnonzero(self._ramped[numbers] & kept).tolist():
            kept[at] = self._experiments[numbers[at]].is_open(int(positions[at]), now)
        chosen: _Numbers = numbers[kept]
        return chosen
