"""Which arms a unit is in, and so which model ranks for it: pure, deterministic, sticky by unit."""

from collections.abc import Mapping
from typing import NamedTuple

from experiments.assignment.plan import Plan, PlannedExperiment, PlannedLayer, is_open
from experiments.config.fields import NOBODY

HELD_OUT = "held-out"


class Arm(NamedTuple):
    """One experiment's arm, with what is needed to check it afterwards.

    `bucket` is the unit's fraction in [0, 1) under `salt`. `forced` marks an override, which no
    analysis counts. `model` is the reference that the variant names, None where it names none.
    """

    experiment: str
    variant: str
    model: str | None
    bucket: float
    salt: str
    forced: bool


class Assignment(NamedTuple):
    """All arms of a unit, and the reference of the model that ranks.

    `interleave`: the two references to interleave, if it is that. `compared`: those of all arms
    of an experiment whose answers are marked where all arms would have served the same. `by`: the arm that
    asks for one or the other.
    """

    arms: tuple[Arm, ...]
    model: str
    interleave: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    by: Arm | None = None


def assign(plan: Plan, unit: str, attributes: Mapping[str, object], now: float) -> Assignment:
    """The arms of `unit` at `now` (unix seconds), under a compiled live.yaml.

    Held-out units are in no experiment. In each layer the unit's hash chooses at most one experiment, whose
    own hash chooses the variant; an override comes before both. At most one layer may name models (the file's
    check sees to it), so the model is that of the one arm that names one, or else the default.

    >>> from experiments.assignment.plan import compile_plan
    >>> from experiments.config.live import Live
    >>> arms = [{"name": "plain", "weight": 0.5}, {"name": "boosted", "weight": 0.5, "model": "@challenger"}]
    >>> boost = {"name": "boost", "unit": "unit", "hash": "growthbook-v2", "salt": "b-1", "variants": arms}
    >>> layers = [{"name": "ranking", "salt": "l-1", "experiments": [boost]}]
    >>> plan = compile_plan(Live.model_validate({"layers": layers}))
    >>> found = assign(plan, "viewer-1", {}, now=0.0)
    >>> found.arms[0].variant, found.arms[0].bucket, found.model
    ('plain', 0.1875, '@champion')
    """
    arms: list[Arm] = []
    model, held = plan.default, False
    interleave: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    by = None
    if plan.holdout is not None:
        position = plan.holdout.position(unit)
        if held := position < plan.holdout.limit:
            bucket = position / plan.holdout.resolution
            arms.append(Arm(plan.holdout.name, HELD_OUT, None, bucket, plan.holdout.salt, False))
    for layer in plan.layers:
        found = _arm(layer, unit, attributes, now, held)
        if found is None:
            continue
        arms.append(found[0])
        if found[1].interleave:
            interleave = found[1].interleave
            model, by = interleave[0], found[0]
        elif found[0].model is not None:
            model = found[0].model
        if found[1].compared:
            compared, by = found[1].compared, found[0]
    return Assignment(tuple(arms), model, interleave, compared, by)


_Found = tuple[Arm, PlannedExperiment] | None


def _arm(layer: PlannedLayer, unit: str, attributes: Mapping[str, object], now: float, held: bool) -> _Found:
    if layer.attribute is not None:
        value = attributes.get(layer.attribute)
        if not isinstance(value, str | int) or isinstance(value, bool):
            return None  # this request has no unit of that kind
        unit = str(value)
    if layer.overridden and (forced := _override(layer, unit, now)) is not None:
        return forced
    return None if held else _drawn(layer, unit, attributes, now)


def _drawn(layer: PlannedLayer, unit: str, attributes: Mapping[str, object], now: float) -> _Found:
    position = 0 if layer.undivided else layer.position(unit)
    owner = layer.table[position]
    if owner == NOBODY:
        return None
    experiment = layer.experiments[owner]
    if not experiment.start <= now < experiment.end or not is_open(experiment, position, now):
        return None
    if experiment.matches is not None and not experiment.matches(attributes):
        return None
    place = experiment.position(unit)
    index = experiment.table[place]
    if index == NOBODY:
        return None
    name, model = experiment.variants[index]
    bucket = place / experiment.resolution
    return Arm(experiment.name, name, model, bucket, experiment.salt, False), experiment


def _override(layer: PlannedLayer, unit: str, now: float) -> _Found:
    for experiment in layer.experiments:
        index = experiment.overrides.get(unit)
        if index is not None and experiment.start <= now < experiment.end:
            name, model = experiment.variants[index]
            bucket = experiment.position(unit) / experiment.resolution
            return Arm(experiment.name, name, model, bucket, experiment.salt, True), experiment
    return None
