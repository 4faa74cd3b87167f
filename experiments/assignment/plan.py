"""A `Live` turned into what a request needs: salts absorbed, conditions shared, splits as table look-ups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from experiments.assignment.arms import HELD_OUT, PlannedArm
from experiments.assignment.audience import Audience
from experiments.assignment.draws import Draws
from experiments.assignment.planned import PlannedLayer, planned_layer
from experiments.assignment.running import Running
from experiments.config.live import Live
from experiments.hashing import RESOLUTION, position_of


@dataclass(frozen=True, slots=True)
class PlannedHoldout:
    """The held-out units: those whose position is below `limit`."""

    arm: PlannedArm
    position: Callable[[str], int]
    limit: float


@dataclass(frozen=True, slots=True)
class PlannedUnits:
    """The layers of one kind of unit. `attribute`: what has its id, None for the request's own unit.

    `bits`: of their experiments. `forced`: by unit, the arms that override its draw, each with the number of
    its experiment, in the order of the file.
    """

    attribute: str | None
    bits: int
    forced: Mapping[str, tuple[tuple[int, PlannedArm], ...]]


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """All of it. `kinds`: attribute → what its values are declared to be.

    Experiments are numbered in the order of the file; of many, number n is bit n.
    """

    default: str
    holdout: PlannedHoldout | None
    layers: tuple[PlannedLayer, ...]
    kinds: Mapping[str, str]
    arms: tuple[PlannedArm, ...]
    running: Running
    audience: Audience
    units: tuple[PlannedUnits, ...]
    draws: Draws


def compile_plan(live: Live) -> Plan:
    """Work out once what every request needs."""
    arms: list[PlannedArm] = []
    holdout = None
    if (held := live.holdout) is not None:
        size = RESOLUTION[held.hash]
        arms.append(PlannedArm(0, held.name, HELD_OUT, None, held.salt, size))
        holdout = PlannedHoldout(arms[0], position_of(held.salt, held.hash), round(held.share * size, 6))
    layers = tuple(planned_layer(layer, live, arms) for layer in live.layers if layer.experiments)
    experiments = [experiment for layer in layers for experiment in layer.experiments]
    draws = Draws(layers)
    return Plan(
        default=live.default,
        holdout=holdout,
        layers=layers,
        kinds=dict(live.attributes),
        arms=tuple(arms),
        running=Running.of([(each.start, each.end) for each in experiments]),
        audience=Audience.of([each.targeting for each in live.experiments]),
        units=_units(layers, draws.exclusive),
        draws=draws,
    )


def _units(layers: Sequence[PlannedLayer], exclusive: Sequence[int]) -> tuple[PlannedUnits, ...]:
    """`exclusive`: of each experiment, the bits of its layer."""
    bits: dict[str | None, int] = {}
    forced: dict[str | None, dict[str, tuple[tuple[int, PlannedArm], ...]]] = {}
    each = ((layer.attribute, experiment) for layer in layers for experiment in layer.experiments)
    for number, (kind, experiment) in enumerate(each):
        bits[kind] = bits.get(kind, 0) | exclusive[number]
        own = forced.setdefault(kind, {})
        for unit, index in experiment.overrides.items():
            own[unit] = (*own.get(unit, ()), (number, experiment.arms[index]))
    return tuple(PlannedUnits(kind, bits[kind], forced[kind]) for kind in bits)
