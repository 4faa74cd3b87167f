"""The rule of assignment written out, one experiment after the other: what the compiled form must equal."""

from collections.abc import Mapping
from typing import Any

from experiments.assignment.position_tables import open_part, table, variant_ranges
from experiments.assignment.targeting import ABSENT, value_test
from experiments.config.fields import NOBODY
from experiments.config.live import Condition, Experiment, Layer, Live
from experiments.hashing import RESOLUTION, fraction

Told = tuple[str, str, float, bool]
"""Experiment, variant, bucket, whether it was forced."""


def suits(targeting: Mapping[str, Condition], attributes: Mapping[str, Any]) -> bool:
    """Whether all conditions hold."""
    return all(value_test(each)(attributes.get(name, ABSENT)) for name, each in targeting.items())


def told(live: Live, unit: str, attributes: Mapping[str, Any], now: float) -> list[Told]:
    """The arms of a unit."""
    found: list[Told] = []
    held = False
    if (holdout := live.holdout) is not None:
        bucket = fraction(holdout.salt, unit, holdout.hash)
        if held := bucket * RESOLUTION[holdout.hash] < round(holdout.share * RESOLUTION[holdout.hash], 6):
            found.append((holdout.name, "held-out", bucket, False))
    for layer in live.layers:
        if layer.experiments:
            found += _of_layer(live, layer, unit, attributes, now, held)
    return found


def _of_layer(
    live: Live, layer: Layer, unit: str, attributes: Mapping[str, Any], now: float, held: bool
) -> list[Told]:
    kind = layer.experiments[0].unit
    if kind != live.unit:
        value = attributes.get(kind)
        if not isinstance(value, str | int) or isinstance(value, bool):
            return []
        unit = str(value)
    for each in layer.experiments:
        if unit in each.overrides and _runs(each, now):
            return [(each.name, each.overrides[unit], fraction(each.salt, unit, each.hash), True)]
    return [] if held else _drawn(layer, unit, attributes, now)


def _drawn(layer: Layer, unit: str, attributes: Mapping[str, Any], now: float) -> list[Told]:
    size = RESOLUTION[layer.hash]
    position = round(fraction(layer.salt, unit, layer.hash) * size)
    owner = table([each.traffic for each in layer.experiments], size)[position]
    if owner == NOBODY:
        return []
    each = layer.experiments[owner]
    shares = [share for at, share in each.opening if at <= now]
    if each.opening and not shares:
        return []
    if shares and table([open_part(each.traffic, shares[-1])], size)[position] == NOBODY:
        return []
    if not _runs(each, now) or not suits(each.targeting, attributes):
        return []
    bucket = fraction(each.salt, unit, each.hash)
    if each.mode == "interleave":
        return [(each.name, "interleaved", bucket, False)]
    own = RESOLUTION[each.hash]
    index = table(variant_ranges(each.variants), own)[round(bucket * own)]
    return [] if index == NOBODY else [(each.name, each.variants[index].name, bucket, False)]


def _runs(each: Experiment, now: float) -> bool:
    started = each.enabled and (each.start is None or each.start <= now)
    return started and (each.end is None or now < each.end)
