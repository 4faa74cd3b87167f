"""What a live.yaml of the right shape may still get wrong: names, salts, overlaps, and its experiments."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from experiments.config.broken_rule import Broken, near, resolved
from experiments.config.experiment_rules import broken_in
from experiments.config.live import Experiment, JudgedMetric, Layer, Live
from experiments.config.problems import Path, shown

REFERENCES = ["@champion", "@challenger"]


def broken(live: Live) -> Iterator[Broken]:
    """Every broken rule of the file."""
    yield from _names(live)
    yield from _salts(live)
    yield from _slices(live)
    yield from _kept(live)
    yield from _quantiles(live)
    yield from _references(live)
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
        yield from resolved(("holdout", "share"), live.holdout.share, live.holdout.hash)
    slice_ = live.exploration
    if slice_ is None:
        return
    yield from resolved(("exploration", "share"), slice_.share, "growthbook-v2")
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


def _quantiles(live: Live) -> Iterator[Broken]:
    for name, metric in live.metrics.items():
        if metric.quantile is not None:
            yield from quantile_of(metric, ("metrics", name))
            if metric.of == "fallback":
                rule = "is of a figure that is 0 or 1; its share is the metric, without a quantile"
                yield Broken(("metrics", name, "quantile"), metric.quantile, rule)


def quantile_of(metric: JudgedMetric, path: Path) -> Iterator[Broken]:
    """What else a metric with a quantile can't have."""
    if metric.winsorise is not None:
        rule = "means nothing beside a quantile, which outliers don't move; give one of the two"
        yield Broken((*path, "winsorise"), metric.winsorise, rule)


def _kept(live: Live) -> Iterator[Broken]:
    """A metric can't be worked out from positions that the log does not keep."""
    if live.record is None:
        return
    for name, metric in live.metrics.items():
        if metric.of_outcomes and (metric.at is None or metric.at > live.record.depth):
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


def _references(live: Live) -> Iterator[Broken]:
    """A reference that nothing is ever promoted to would be served by the fallback order for good."""
    named: list[tuple[Path, str]] = [(("default",), live.default)]
    for path, experiment in _experiments(live):
        named += [
            ((*path, "variants", i, "model"), v.model) for i, v in enumerate(experiment.variants) if v.model
        ]
    for path, reference in named:
        if reference.startswith("@") and reference not in REFERENCES:
            rule = f"is no model: it takes {', '.join(REFERENCES)} or a version number"
            yield Broken(path, reference, rule + near(reference, REFERENCES))


def _layer(live: Live, layer: Layer, path: Path) -> Iterator[Broken]:
    yield from _overlaps(layer, path)
    for index, experiment in enumerate(layer.experiments):
        at = (*path, "experiments", index)
        for k, bounds in enumerate(experiment.traffic):
            yield from resolved((*at, "traffic", k), bounds, layer.hash)
        if experiment.unit != layer.experiments[0].unit:
            first = layer.experiments[0].unit
            rule = f"differs from {first!r}, the unit of this layer; two kinds can't exclude each other"
            yield Broken((*at, "unit"), experiment.unit, rule)
        yield from broken_in(live, experiment, at)


def _overlaps(layer: Layer, path: Path) -> Iterator[Broken]:
    ranges = [
        (bounds, experiment.name, (*path, "experiments", i, "traffic", k))
        for i, experiment in enumerate(layer.experiments)
        for k, bounds in enumerate(experiment.traffic)
    ]
    for j in _overlapping([bounds for bounds, _, _ in ranges]):
        bounds, _, at = ranges[j]
        for other, name, _ in islice(ranges, j):
            if bounds[0] < other[1] and other[0] < bounds[1]:
                rule = f"overlaps {list(other)} of {name!r}; in a layer a unit is in one experiment at most"
                yield Broken(at, list(bounds), rule)


def _overlapping(ranges: Sequence[tuple[float, float]]) -> list[int]:
    """Which ranges overlap another one, in file order; a sort of them, however many there are."""
    found: set[int] = set()
    order = sorted(range(len(ranges)), key=ranges.__getitem__)
    reached = 0.0
    for place, following in zip_longest(order, order[1:]):
        low, high = ranges[place]
        if low < reached or (following is not None and ranges[following][0] < high):
            found.add(place)
        reached = max(reached, high)
    return sorted(found)


def _experiments(live: Live) -> Iterator[tuple[Path, Experiment]]:
    for i, layer in enumerate(live.layers):
        for k, experiment in enumerate(layer.experiments):
            yield ("layers", i, "experiments", k), experiment
