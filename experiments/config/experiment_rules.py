"""What one experiment of a live.yaml may still get wrong: shares, exposure, dates, metrics, targeting."""

from collections.abc import Iterator
from itertools import pairwise

from experiments.config.broken_rule import Broken, named_metrics, near, resolved
from experiments.config.live import Condition, Experiment, Live, Step
from experiments.config.problems import Path

_KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


def broken_in(live: Live, experiment: Experiment, path: Path) -> Iterator[Broken]:
    """Every broken rule of the experiment at `path`."""
    yield from _unit(live, experiment, path)
    yield from _shares(experiment, path)
    yield from _exposure(experiment, path)
    yield from _dates(experiment, path)
    yield from _rollout(experiment, path)
    yield from named_metrics(experiment.primary, experiment.guardrails, live.metrics, path)
    for name, condition in experiment.targeting.items():
        yield from _condition(live, name, condition, (*path, "targeting", name))
    names = [variant.name for variant in experiment.variants]
    for unit, name in experiment.overrides.items():
        if name not in names:
            rule = f"is not a variant{near(name, names)}"
            yield Broken((*path, "overrides", unit), name, rule, needs=((*path, "variants"),))


def _unit(live: Live, experiment: Experiment, path: Path) -> Iterator[Broken]:
    known = [live.unit, *(name for name, kind in live.attributes.items() if kind != "boolean")]
    if experiment.unit not in known:
        rule = f"is neither the file's unit nor a declared attribute{near(experiment.unit, known)}"
        yield Broken((*path, "unit"), experiment.unit, rule, needs=(("attributes",),))


def _shares(experiment: Experiment, path: Path) -> Iterator[Broken]:
    at = (*path, "variants")
    variants = experiment.variants
    if experiment.mode == "interleave":
        yield from _interleaved(experiment, path)
        return
    for i, variant in enumerate(variants):
        if (variant.weight is None) == (variant.ranges is None):
            yield Broken((*at, i), variant.name, "needs either a weight or ranges", needs=((*at, i),))
        for k, bounds in enumerate(variant.ranges or ()):
            yield from resolved((*at, i, "ranges", k), bounds, experiment.hash)
    if len({variant.weight is None for variant in variants}) == 2:
        yield Broken(
            at, experiment.name, "mixes weights with ranges; give all variants the same", needs=(at,)
        )
    weights = [variant.weight for variant in variants if variant.weight is not None]
    if len(weights) == len(variants) and abs(sum(weights) - 1) > 1e-6:
        yield Broken(
            at, weights, f"has weights that sum to {sum(weights):.6g}; they must sum to 1", needs=(at,)
        )
    laid = sorted((bounds, v.name) for v in variants for bounds in v.ranges or ())
    for (earlier, one), (later, two) in pairwise(laid):
        if later[0] < earlier[1]:
            yield Broken(
                at, list(later), f"of {two!r} overlaps {list(earlier)} of {one!r}; a unit has one variant"
            )


def _interleaved(experiment: Experiment, path: Path) -> Iterator[Broken]:
    at = (*path, "variants")
    if len(experiment.variants) != 2 or any(variant.model is None for variant in experiment.variants):
        yield Broken(
            at, experiment.name, "interleaves: it needs two variants that name a model each", needs=(at,)
        )
    for i, variant in enumerate(experiment.variants):
        if variant.weight is not None or variant.ranges is not None:
            yield Broken(
                (*at, i), variant.name, "interleaves: every unit sees both, so it takes no weight or ranges"
            )
    if experiment.overrides:
        yield Broken(
            (*path, "overrides"), experiment.name, "interleaves: there is no variant to force a unit into"
        )


def _exposure(experiment: Experiment, path: Path) -> Iterator[Broken]:
    if experiment.exposure == "all":
        return
    if experiment.mode == "interleave":
        rule = "means nothing where both rankers are interleaved: there are no arms whose slates could differ"
        yield Broken((*path, "exposure"), experiment.exposure, rule)
    elif all(variant.model is None for variant in experiment.variants):
        rule = "needs variants that name models: without them every arm serves the default model's slate"
        yield Broken((*path, "exposure"), experiment.exposure, rule, needs=((*path, "variants"),))


def _dates(experiment: Experiment, path: Path) -> Iterator[Broken]:
    start, end = experiment.start, experiment.end
    if start is not None and end is not None and end <= start:
        yield Broken((*path, "end"), experiment.name, "ends before it starts; end must be after start")
    if experiment.looks is not None and end is None:
        rule = "shares the error between looks and a planned end; give the experiment an end as well"
        yield Broken((*path, "looks"), experiment.looks, rule)
    for i, (earlier, later) in enumerate(pairwise(experiment.ramp), 1):
        if later.at <= earlier.at:
            yield Broken((*path, "ramp", i), _step(later), "begins no later than the step before it")
        if later.share < earlier.share:
            rule = "opens less than the step before it; a ramp only grows, so that nobody loses their arm"
            yield Broken((*path, "ramp", i), _step(later), rule)
    for i, step in enumerate(experiment.ramp):
        if (start is not None and step.at < start) or (end is not None and step.at >= end):
            yield Broken((*path, "ramp", i), _step(step), "lies outside the experiment's start and end")


def _rollout(experiment: Experiment, path: Path) -> Iterator[Broken]:
    if experiment.rollout is None:
        return
    at, steps = (*path, "rollout"), experiment.rollout.steps
    if experiment.ramp:
        yield Broken(at, experiment.name, "has a ramp as well; give either times or a rollout")
    if experiment.mode != "split":
        yield Broken(at, experiment.name, "interleaves: everybody sees both rankers; a rollout is of a split")
    if experiment.primary is None:
        yield Broken(at, experiment.name, "needs a primary metric, which the Steward watches", needs=(path,))
    if list(steps) != sorted(set(steps)) or steps[0] == 0:
        yield Broken((*at, "steps"), list(steps), "must grow from step to step, and begin above 0")


def _step(step: Step) -> dict[str, object]:
    return step.model_dump(mode="json")


def _condition(live: Live, name: str, condition: Condition, path: Path) -> Iterator[Broken]:
    given = condition.model_dump(by_alias=True, exclude_none=True)
    if not given:
        yield Broken(
            path, name, f"has no operator; the operators are {', '.join(_operators())}", needs=(path,)
        )
    kind = live.attributes.get(name)
    if kind is None:
        rule = f"is not declared in 'attributes'{near(name, list(live.attributes))}"
        yield Broken(path, name, rule, needs=(("attributes",),))
        return
    for key, limit in given.items():
        if key in ("gt", "gte", "lt", "lte") and kind != "number":
            yield Broken((*path, key), limit, f"orders numbers, and {name!r} is declared a {kind}")
        for one in limit if isinstance(limit, tuple | list) else [limit]:
            wrong = isinstance(one, bool) != (kind == "boolean") or not isinstance(one, _KINDS[kind])
            if key in ("eq", "ne", "in", "not_in") and wrong:
                yield Broken((*path, key), one, f"is not a {kind}, which {name!r} is declared to be")
        if key in ("in", "not_in") and not limit:
            yield Broken((*path, key), [], "is an empty list; it would match nobody, or everybody")


def _operators() -> list[str]:
    return [field.alias or name for name, field in Condition.model_fields.items()]
