"""Which arms a unit is in, and so which model ranks for it: pure, deterministic, sticky by unit."""

from collections.abc import Mapping
from operator import attrgetter

from experiments.assignment.arms import Arm, Assignment
from experiments.assignment.plan import Plan, PlannedUnits

_number = attrgetter("of.number")


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
    found: list[Arm] = []
    held = False
    if plan.holdout is not None:
        position = plan.holdout.position(unit)
        if held := position < plan.holdout.limit:
            found.append(Arm(plan.holdout.arm, position))
    running = plan.running.at(now)
    suited = 0 if held else plan.audience.suited(attributes) & running
    for kind in plan.units:
        name = unit if kind.attribute is None else _named(attributes.get(kind.attribute))
        if name is not None:
            found += _arms(plan, kind, name, (running, suited), now)
    if len(plan.units) > 1:
        found.sort(key=_number)
    return _steered(tuple(found), plan.default)


def _named(value: object) -> str | None:
    """A unit that an attribute names; None where the request has none of that kind."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _arms(plan: Plan, kind: PlannedUnits, unit: str, live: tuple[int, int], now: float) -> list[Arm]:
    """The arms of one kind of unit; `live`: the bits of the experiments that run, and that may draw it."""
    running, suited = live
    suited &= kind.bits
    if unit not in kind.forced:
        return plan.draws.of(unit, suited, now) if suited else []
    forced = []
    for number, arm in kind.forced[unit]:
        if running >> number & 1:
            forced.append(Arm(arm, plan.draws.position(number, unit), True))
            running &= ~plan.draws.exclusive[number]
            suited &= ~plan.draws.exclusive[number]
    return sorted([*forced, *plan.draws.of(unit, suited, now)], key=_number)


def _steered(arms: tuple[Arm, ...], model: str) -> Assignment:
    """The assignment of these arms: what ranks, and what is compared."""
    interleave: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    by = None
    for arm in arms:
        if not arm.of.steers:
            continue
        if arm.of.interleave:
            interleave = arm.of.interleave
            model, by = interleave[0], arm
        elif arm.of.model is not None:
            model = arm.of.model
        if arm.of.compared:
            compared, by = arm.of.compared, arm
    return Assignment(arms, model, interleave, compared, by)
