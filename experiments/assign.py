"""Which arms a unit is in, and so which model ranks for it: pure, deterministic, sticky by unit."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from experiments.plan import NOBODY, PlannedExperiment, PlannedLayer, is_open

if TYPE_CHECKING:
    from experiments.config import Live


class Arm(NamedTuple):
    """One experiment's arm, with what is needed to check it afterwards.

    ``bucket`` is the unit's fraction in [0, 1) under ``salt``; ``forced`` marks an override, which no analysis counts.
    ``model`` is the reference the variant names, None where it names none.
    """

    experiment: str
    variant: str
    model: str | None
    bucket: float
    salt: str
    forced: bool


class Assignment(NamedTuple):
    """All arms of a unit, the model that ranks, and the two models to interleave where that is the experiment."""

    arms: tuple[Arm, ...]
    model: str
    interleave: tuple[str, ...] = ()


HELD = "held-out"


def assign(live: "Live", unit: str, attributes: Mapping[str, object], now: float) -> Assignment:
    """The arms of ``unit`` at ``now`` (unix seconds).

    Held-out units are in no experiment. In each layer the unit's hash chooses at most one experiment, whose own hash
    chooses the variant; an override comes before both. At most one layer may name models (the file's check sees to
    it), so the model is that of the one arm that names one, or else the default.
    """
    plan = live.plan
    arms: list[Arm] = []
    held = plan.holdout
    if held is not None and (position := held.position(unit)) < held.limit:
        arms.append(Arm(held.name, HELD, None, position / held.resolution, held.salt, False))
    model = plan.default
    interleave: tuple[str, ...] = ()
    for layer in plan.layers:
        arm, experiment = _arm(layer, unit, attributes, now, bool(arms) and arms[0].variant == HELD)
        if arm is None or experiment is None:
            continue
        arms.append(arm)
        if experiment.interleave:
            interleave = tuple(variant.model or plan.default for variant in experiment.variants)
        elif arm.model is not None:
            model = arm.model
    return Assignment(tuple(arms), model, interleave)


def _arm(
    layer: PlannedLayer, unit: str, attributes: Mapping[str, object], now: float, held: bool
) -> tuple[Arm | None, PlannedExperiment | None]:
    if layer.attribute is not None:
        value = attributes.get(layer.attribute)
        if not isinstance(value, str | int) or isinstance(value, bool):
            return None, None
        unit = str(value)
    if layer.overridden and (found := _override(layer, unit, now))[0] is not None:
        return found
    if held:
        return None, None
    position = layer.position(unit)
    owner = layer.table[position]
    if owner == NOBODY:
        return None, None
    experiment = layer.experiments[owner]
    if not (experiment.start <= now < experiment.end and experiment.matches(attributes)):
        return None, None
    if experiment.opens and not is_open(experiment, position, now):
        return None, None
    return _draw(experiment, unit), experiment


def _draw(experiment: PlannedExperiment, unit: str) -> Arm | None:
    position = experiment.position(unit)
    index = experiment.table[position]
    if index == NOBODY:
        return None
    variant = experiment.variants[index]
    bucket = position / experiment.resolution
    return Arm(experiment.name, variant.name, variant.model, bucket, experiment.salt, False)


def _override(layer: PlannedLayer, unit: str, now: float) -> tuple[Arm | None, PlannedExperiment | None]:
    for experiment in layer.experiments:
        index = experiment.overrides.get(unit)
        if index is None or not experiment.start <= now < experiment.end:
            continue
        variant = experiment.variants[index]
        bucket = experiment.position(unit) / experiment.resolution
        return Arm(experiment.name, variant.name, variant.model, bucket, experiment.salt, True), experiment
    return None, None
