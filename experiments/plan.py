"""A ``Live`` turned into what a request needs: hashes with their salts absorbed, and one table look-up a split."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from experiments.hashing import RESOLUTION, position_of, ranges_of
from experiments.targeting import Predicate, predicate

if TYPE_CHECKING:
    from experiments.config import Experiment, Layer, Live, Variant

NOBODY = 255  # in a table: this position belongs to nobody; so a layer or split has at most 255 entries


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    name: str
    model: str | None


@dataclass(frozen=True, slots=True)
class PlannedExperiment:
    """One running experiment: ``table`` maps the hashed position of a unit to its variant."""

    name: str
    salt: str
    interleave: bool
    variants: tuple[PlannedVariant, ...]
    overrides: Mapping[str, int]
    start: float
    end: float
    matches: Predicate
    position: Callable[[str], int]
    resolution: int
    table: bytes
    opens: tuple[
        tuple[float, bytes], ...
    ]  # (from when, open positions of the layer), last one that has begun counts


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    attribute: str | None  # None: the request's own unit
    position: Callable[[str], int]
    table: bytes  # the layer's position -> index of the experiment
    experiments: tuple[PlannedExperiment, ...]
    overridden: bool


@dataclass(frozen=True, slots=True)
class PlannedHoldout:
    name: str
    salt: str
    position: Callable[[str], int]
    resolution: int
    limit: float


@dataclass(frozen=True, slots=True)
class Plan:
    default: str
    holdout: PlannedHoldout | None
    layers: tuple[PlannedLayer, ...]


def compile_plan(live: "Live") -> Plan:
    """Work out once what every request needs."""
    held = live.holdout
    holdout = None
    if held is not None:
        size = RESOLUTION[held.hash]
        holdout = PlannedHoldout(
            held.name, held.salt, position_of(held.salt, held.hash), size, held.share * size
        )
    return Plan(
        live.default, holdout, tuple(_layer(layer, live.unit) for layer in live.layers if layer.experiments)
    )


def table(entries: list[list[tuple[float, float]]], size: int) -> bytes:
    """For each of ``size`` positions the index of the first entry with a range over position/size, or NOBODY."""
    points = np.arange(size) / size
    owner = np.full(size, NOBODY, np.uint8)
    for index, ranges in reversed(list(enumerate(entries))):
        for low, high in ranges:
            owner[(low <= points) & (points < high)] = index
    return owner.tobytes()


def variant_ranges(variants: "tuple[Variant, ...]") -> list[list[tuple[float, float]]]:
    """Each variant's ranges: those it declares, or else its weight laid beside the earlier ones."""
    if any(variant.ranges is not None for variant in variants):
        return [list(variant.ranges or ()) for variant in variants]
    return [[bounds] for bounds in ranges_of([variant.weight or 0.0 for variant in variants])]


def open_part(ranges: tuple[tuple[float, float], ...], share: float) -> list[tuple[float, float]]:
    """The first ``share`` of the ranges' total width: a larger share always holds the smaller one."""
    left = share * sum(high - low for low, high in ranges)
    part = []
    for low, high in ranges:
        if share >= 1 or left >= high - low:
            part.append((low, high))
        elif left > 0:
            part.append((low, low + left))
        left -= high - low
    return part


def _layer(layer: "Layer", unit: str) -> PlannedLayer:
    size = RESOLUTION[layer.hash]
    planned = tuple(_experiment(experiment, size) for experiment in layer.experiments)
    kind = layer.experiments[0].unit
    return PlannedLayer(
        attribute=None if kind == unit else kind,
        position=position_of(layer.salt, layer.hash),
        table=table([list(experiment.traffic) for experiment in layer.experiments], size),
        experiments=planned,
        overridden=any(experiment.overrides for experiment in planned),
    )


def _experiment(experiment: "Experiment", layer_size: int) -> PlannedExperiment:
    size = RESOLUTION[experiment.hash]
    names = [variant.name for variant in experiment.variants]
    never = float("inf")
    start = -never if experiment.start is None else experiment.start
    return PlannedExperiment(
        name=experiment.name,
        salt=experiment.salt,
        interleave=experiment.mode == "interleave",
        variants=tuple(PlannedVariant(variant.name, variant.model) for variant in experiment.variants),
        overrides={unit: names.index(name) for unit, name in experiment.overrides.items()},
        start=start if experiment.enabled else never,
        end=never if experiment.end is None else experiment.end,
        matches=predicate(experiment.targeting),
        position=position_of(experiment.salt, experiment.hash),
        resolution=size,
        table=table(variant_ranges(experiment.variants), size),
        opens=tuple(
            (step.at, table([open_part(experiment.traffic, step.share)], layer_size))
            for step in experiment.ramp
        ),
    )


def is_open(experiment: PlannedExperiment, position: int, now: float) -> bool:
    """Whether the ramp has reached this position of the layer; without a ramp, always."""
    if not experiment.opens:
        return True
    begun = [tables for at, tables in experiment.opens if at <= now]
    return bool(begun) and begun[-1][position] != NOBODY


def is_sorted(values: list[float]) -> bool:
    """Whether each value is greater than the one before."""
    return all(earlier < later for earlier, later in pairwise(values))
