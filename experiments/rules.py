"""What a live.yaml of the right shape may still get wrong: sums, overlaps, references, dates."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple

from experiments.config import Condition, Experiment, Layer, Live, Step
from experiments.hashing import RESOLUTION
from experiments.problems import Path, shown

_KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


class Broken(NamedTuple):
    """A rule that is broken at ``path``; said only if nothing was taken out below ``needs``."""

    path: Path
    value: object
    rule: str
    needs: tuple[Path, ...] = ()


def broken(live: Live) -> Iterator[Broken]:
    """Every broken rule of the file."""
    yield from _names(live)
    yield from _salts(live)
    yield from _slices(live)
    yield from _kept(live)
    yield from _one_layer_ranks(live)
    for index, layer in enumerate(live.layers):
        yield from _layer(live, layer, ("layers", index))


def _names(live: Live) -> Iterator[Broken]:
    yield from _once(((("layers", i), layer.name) for i, layer in enumerate(live.layers)), "name", "layer")
    names = [(path, experiment.name) for path, experiment in _experiments(live)]
    if live.holdout is not None:
        names.append((("holdout",), live.holdout.name))
    yield from _once(names, "name", "experiment or holdout")
    for path, experiment in _experiments(live):
        variants = (((*path, "variants", i), variant.name) for i, variant in enumerate(experiment.variants))
        yield from _once(variants, "name", "variant")


def _once(entries: Iterable[tuple[Path, str]], key: str, what: str) -> Iterator[Broken]:
    seen: set[str] = set()
    for path, name in entries:
        if name in seen:
            yield Broken((*path, key), name, f"is the name of another {what} as well; a name is used once")
        seen.add(name)


def _salts(live: Live) -> Iterator[Broken]:
    salts: list[tuple[Path, str]] = []
    if live.exploration is not None:
        salts.append((("exploration", "salt"), live.exploration.salt))
    if live.holdout is not None:
        salts.append((("holdout", "salt"), live.holdout.salt))
    salts += [(("layers", i, "salt"), layer.salt) for i, layer in enumerate(live.layers)]
    salts += [((*path, "salt"), experiment.salt) for path, experiment in _experiments(live)]
    first: dict[str, Path] = {}
    for path, salt in salts:
        if salt in first:
            yield Broken(
                path, salt, f"is {shown(first[salt])} too; splits that share a salt are not independent"
            )
        first.setdefault(salt, path)


def _slices(live: Live) -> Iterator[Broken]:
    if live.holdout is not None:
        yield from _resolved(("holdout", "share"), live.holdout.share, live.holdout.hash)
    slice_ = live.exploration
    if slice_ is None:
        return
    yield from _resolved(("exploration", "share"), slice_.share, "growthbook-v2")
    for key, policies in (("top", ("top-k",)), ("temperature", ("plackett-luce",))):
        given = getattr(slice_, key) is not None
        if given and slice_.policy not in policies:
            rule = f"means nothing to the policy {slice_.policy!r}; it belongs to {' and '.join(policies)}"
            yield Broken(("exploration", key), getattr(slice_, key), rule)
        if not given and slice_.policy == policies[0]:
            yield Broken(
                ("exploration", "policy"),
                slice_.policy,
                f"needs {key!r} beside it",
                needs=(("exploration",),),
            )


def _kept(live: Live) -> Iterator[Broken]:
    """A metric can't be worked out from positions that the log does not keep."""
    if live.record is None:
        return
    for name, metric in live.metrics.items():
        if metric.of != "fallback" and (metric.at is None or metric.at > live.record.depth):
            looks = "all positions" if metric.at is None else f"{metric.at} positions"
            yield Broken(
                ("record", "depth"), live.record.depth, f"is too few: the metric {name!r} looks at {looks}"
            )


def _one_layer_ranks(live: Live) -> Iterator[Broken]:
    ranking = [
        i
        for i, layer in enumerate(live.layers)
        if any(v.model for e in layer.experiments for v in e.variants)
    ]
    for index in ranking[1:]:
        first, name = live.layers[ranking[0]].name, live.layers[index].name
        rule = f"names models, and so does layer {first!r}; one model ranks an answer, so only one layer may"
        yield Broken(("layers", index), name, rule)


def _layer(live: Live, layer: Layer, path: Path) -> Iterator[Broken]:
    yield from _overlaps(layer, path)
    for index, experiment in enumerate(layer.experiments):
        at = (*path, "experiments", index)
        for k, bounds in enumerate(experiment.traffic):
            yield from _resolved((*at, "traffic", k), bounds, layer.hash)
        if experiment.unit != layer.experiments[0].unit:
            first = layer.experiments[0].unit
            rule = f"differs from {first!r}, the unit of this layer; two kinds can't exclude each other"
            yield Broken((*at, "unit"), experiment.unit, rule)
        yield from _experiment(live, experiment, at)


def _overlaps(layer: Layer, path: Path) -> Iterator[Broken]:
    ranges = [
        (bounds, experiment.name, (*path, "experiments", i, "traffic", k))
        for i, experiment in enumerate(layer.experiments)
        for k, bounds in enumerate(experiment.traffic)
    ]
    for j, (bounds, _, at) in enumerate(ranges):
        for other, name, _ in ranges[:j]:
            if bounds[0] < other[1] and other[0] < bounds[1]:
                rule = f"overlaps {list(other)} of {name!r}; in a layer a unit is in one experiment at most"
                yield Broken(at, list(bounds), rule)


def _experiment(live: Live, experiment: Experiment, path: Path) -> Iterator[Broken]:
    yield from _unit(live, experiment, path)
    yield from _shares(experiment, path)
    yield from _exposure(experiment, path)
    yield from _dates(experiment, path)
    yield from _rollout(experiment, path)
    yield from _metrics(live, experiment, path)
    for name, condition in experiment.targeting.items():
        yield from _condition(live, name, condition, (*path, "targeting", name))
    names = [variant.name for variant in experiment.variants]
    for unit, name in experiment.overrides.items():
        if name not in names:
            rule = f"is not a variant{_near(name, names)}"
            yield Broken((*path, "overrides", unit), name, rule, needs=((*path, "variants"),))


def _unit(live: Live, experiment: Experiment, path: Path) -> Iterator[Broken]:
    known = [live.unit, *(name for name, kind in live.attributes.items() if kind != "boolean")]
    if experiment.unit not in known:
        rule = f"is neither the file's unit nor a declared attribute{_near(experiment.unit, known)}"
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
            yield from _resolved((*at, i, "ranges", k), bounds, experiment.hash)
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


def _metrics(live: Live, experiment: Experiment, path: Path) -> Iterator[Broken]:
    named = [((*path, "primary"), experiment.primary)] if experiment.primary else []
    named += [((*path, "guardrails", i), name) for i, name in enumerate(experiment.guardrails)]
    seen: set[str] = set()
    for at, name in named:
        if name not in live.metrics:
            rule = f"is not a metric of this file{_near(name, list(live.metrics))}"
            yield Broken(at, name, rule, needs=(("metrics",),))
        if name in seen:
            yield Broken(at, name, "is named twice among primary and guardrails")
        seen.add(name)


def _condition(live: Live, name: str, condition: Condition, path: Path) -> Iterator[Broken]:
    given = condition.model_dump(by_alias=True, exclude_none=True)
    if not given:
        yield Broken(
            path, name, f"has no operator; the operators are {', '.join(_operators())}", needs=(path,)
        )
    kind = live.attributes.get(name)
    if kind is None:
        rule = f"is not declared in 'attributes'{_near(name, list(live.attributes))}"
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


def _resolved(path: Path, value: float | tuple[float, float], algorithm: str) -> Iterator[Broken]:
    size = RESOLUTION[algorithm]
    edges = value if isinstance(value, tuple) else (value,)
    if any(abs(edge * size - round(edge * size)) > 1e-6 for edge in edges):
        stands = list(value) if isinstance(value, tuple) else value
        yield Broken(path, stands, f"is finer than 1/{size}, the steps of {algorithm}")


def _experiments(live: Live) -> Iterator[tuple[Path, Experiment]]:
    for i, layer in enumerate(live.layers):
        for k, experiment in enumerate(layer.experiments):
            yield ("layers", i, "experiments", k), experiment


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; those are {', '.join(known)}" if known else "; there are none"
