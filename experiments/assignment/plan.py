"""A `Live` turned into what a request needs: salts absorbed, and one table look-up for each split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.assignment.targeting import Predicate, predicate
from experiments.config.fields import NOBODY
from experiments.config.live import Experiment, Layer, Live, Variant
from experiments.hashing import RESOLUTION, Range, position_of, ranges_of

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class PlannedExperiment:
    """One experiment: `table` maps the hashed position of a unit to its variant (name, model).

    `compared`: the references whose slates are compared in every answer; none unless it is declared.
    """

    name: str
    salt: str
    interleave: tuple[str, ...]
    compared: tuple[str, ...]
    variants: tuple[tuple[str, str | None], ...]
    overrides: Mapping[str, int]
    start: float
    end: float
    matches: Predicate | None
    position: Callable[[str], int]
    resolution: int
    table: bytes
    opens: tuple[tuple[float, bytes], ...]  # from when on, which positions of the layer are open


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """One layer: `table` maps the hashed position of a unit to the index of its experiment."""

    attribute: str | None  # None: the request's own unit
    position: Callable[[str], int]
    table: bytes
    experiments: tuple[PlannedExperiment, ...]
    overridden: bool
    undivided: bool  # one experiment has the whole layer, so that its hash need not be worked out


@dataclass(frozen=True, slots=True)
class PlannedHoldout:
    """The held-out units: those whose position is below `limit`."""

    name: str
    salt: str
    position: Callable[[str], int]
    resolution: int
    limit: float


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it. `kinds`: attribute → what its values are declared to be."""

    default: str
    holdout: PlannedHoldout | None
    layers: tuple[PlannedLayer, ...]
    kinds: Mapping[str, str]


def compile_plan(live: Live) -> Plan:
    """Work out once what every request needs."""
    holdout = None
    if (held := live.holdout) is not None:
        size = RESOLUTION[held.hash]
        place = position_of(held.salt, held.hash)
        holdout = PlannedHoldout(held.name, held.salt, place, size, round(held.share * size, 6))
    layers = tuple(_layer(layer, live) for layer in live.layers if layer.experiments)
    return Plan(live.default, holdout, layers, dict(live.attributes))


def table(entries: Sequence[Sequence[Range]], size: int) -> bytes:
    """For each of `size` positions, the first entry with a range over position/size, or NOBODY."""
    points = np.arange(size) / size
    owner = np.full(size, NOBODY, np.uint8)
    for index, ranges in reversed(list(enumerate(entries))):
        for low, high in ranges:
            owner[(low <= points) & (points < high)] = index
    return owner.tobytes()


def variant_ranges(variants: Sequence[Variant]) -> list[list[Range]]:
    """Each variant's ranges: those it declares, or else its weight laid beside the earlier ones."""
    if any(variant.ranges is not None for variant in variants):
        return [list(variant.ranges or ()) for variant in variants]
    return [[bounds] for bounds in ranges_of([variant.weight or 0.0 for variant in variants])]


def open_part(ranges: Sequence[Range], share: float) -> list[Range]:
    """The first `share` of the ranges' total width: a larger share always holds the smaller one."""
    left = share * sum(high - low for low, high in ranges)
    part = []
    for low, high in ranges:
        if share >= 1 or left >= high - low:
            part.append((low, high))
        elif left > 0:
            part.append((low, low + left))
        left -= high - low
    return part


def is_open(experiment: PlannedExperiment, position: int, now: float) -> bool:
    """Whether the ramp has reached this position of the layer; without a ramp, always."""
    if not experiment.opens:
        return True
    begun = [positions for at, positions in experiment.opens if at <= now]
    return bool(begun) and begun[-1][position] != NOBODY


def _layer(layer: Layer, live: Live) -> PlannedLayer:
    size = RESOLUTION[layer.hash]
    kind = layer.experiments[0].unit
    owners = table([experiment.traffic for experiment in layer.experiments], size)
    return PlannedLayer(
        attribute=None if kind == live.unit else kind,
        position=position_of(layer.salt, layer.hash),
        table=owners,
        experiments=tuple(_experiment(experiment, size, live.default) for experiment in layer.experiments),
        overridden=any(experiment.overrides for experiment in layer.experiments),
        undivided=owners == bytes(size) and not layer.experiments[0].opening,
    )


def _experiment(experiment: Experiment, layer_size: int, default: str) -> PlannedExperiment:
    size = RESOLUTION[experiment.hash]
    names = [variant.name for variant in experiment.variants]
    start = -_NEVER if experiment.start is None else experiment.start
    interleaved = experiment.mode == "interleave"
    models = tuple(variant.model or default for variant in experiment.variants)
    return PlannedExperiment(
        name=experiment.name,
        salt=experiment.salt,
        interleave=models if interleaved else (),
        compared=models if experiment.exposure == "differing" else (),
        variants=(("interleaved", None),) if interleaved else _named(experiment.variants),
        overrides={unit: names.index(name) for unit, name in experiment.overrides.items()},
        start=start if experiment.enabled else _NEVER,
        end=_NEVER if experiment.end is None else experiment.end,
        matches=predicate(experiment.targeting),
        position=position_of(experiment.salt, experiment.hash),
        resolution=size,
        table=bytes(size) if interleaved else table(variant_ranges(experiment.variants), size),
        opens=tuple(
            (at, table([open_part(experiment.traffic, share)], layer_size))
            for at, share in experiment.opening
        ),
    )


def _named(variants: Sequence[Variant]) -> tuple[tuple[str, str | None], ...]:
    return tuple((variant.name, variant.model) for variant in variants)
