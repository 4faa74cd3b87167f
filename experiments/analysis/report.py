"""An analysis for people and for programs: rows of text, and JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from math import isfinite
from typing import Any

from experiments.analysis.differing import Differing, GroupEffect
from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.verdicts import Verdicts

HEADINGS = (
    "metric",
    "arm",
    "units",
    "control",
    "value",
    "lift",
    "level",
    "anytime interval",
    "p",
    "fixed interval",
    "p at end",
)


def rows(effects: Iterable[Effect]) -> list[tuple[str, ...]]:
    """One row an effect, under HEADINGS; intervals are relative to the control where it is clear of 0."""
    return [
        (
            _named(effect),
            effect.arm,
            f"{effect.units[0]:,} / {effect.units[1]:,}",
            f"{effect.control_value:.5g}",
            f"{effect.value:.5g}",
            "" if effect.lift is None else f"{effect.lift:+.2%}",
            f"{effect.level:.4g}",
            interval(effect.anytime, effect.relative),
            f"{effect.anytime_p:.3g}",
            interval(effect.fixed, effect.relative_fixed) if effect.fixed else "at the planned end",
            "" if effect.fixed_p is None else f"{effect.fixed_p:.3g}",
        )
        for effect in effects
    ]


def _named(effect: Effect) -> str:
    """The metric with its role, and what was done to its values."""
    asides = [] if effect.role == "primary" else [effect.role]
    asides += [str(effect.winsorised)] if effect.winsorised is not None else []
    if effect.reduction is not None and effect.correlation is not None:
        asides.append(f"the past explains {effect.reduction:.1%}, r = {effect.correlation:+.2f}")
    return f"{effect.metric} ({'; '.join(asides)})" if asides else effect.metric


SHORT = ("metric", "arm", "control", "value", "lift", "interval", "p")
"""Columns of a terminal's table that fit into 80: the interval and the p that decide."""


def short_rows(effects: Iterable[Effect]) -> list[tuple[str, ...]]:
    """One row an effect, under SHORT."""
    return [
        (
            effect.metric if effect.role == "primary" else f"{effect.metric} ({effect.role})",
            effect.arm,
            f"{effect.control_value:.4g}",
            f"{effect.value:.4g}",
            "" if effect.lift is None else f"{effect.lift:+.1%}",
            interval(effect.deciding, effect.relative_deciding),
            f"{effect.anytime_p if effect.fixed_p is None else effect.fixed_p:.2g}",
        )
        for effect in effects
    ]


SLICE = ("arm", "units", "value", "lift", "interval", "shrunk lift")
"""Columns of a table of slices, after the one that names them."""


def slice_rows(analysis: Analysis, column: str, *, wide: bool = False) -> list[tuple[str, ...]]:
    """One row a value of the column and an arm, under its name and SLICE.

    `wide`: shrunk lifts with their intervals.
    """
    drawn = {
        (each.arm, group.group): _shrunk(group, each, wide=wide)
        for each in analysis.differing
        if each.kind == "slice" and each.column == column
        for group in each.groups
    }
    return [
        (
            value,
            each.arm,
            f"{each.units[0]:,} / {each.units[1]:,}",
            f"{each.value:.4g}",
            "" if each.lift is None else f"{each.lift:+.1%}",
            interval(each.deciding, each.relative_deciding),
            drawn.get((each.arm, value), ""),
        )
        for value, effects in analysis.slices[column].items()
        for each in effects
    ]


def _shrunk(group: GroupEffect, whole: Differing, *, wide: bool) -> str:
    if group.shrunk is None or group.interval is None:
        return ""
    told = f"{group.shrunk:+.1%}" if whole.relative else f"{group.shrunk:+.4g} in all"
    return f"{told} {interval(group.interval, group.interval if whole.relative else None)}" if wide else told


def asides(effects: Iterable[Effect]) -> list[str]:
    """What was done to values, of each effect; for below a table that has no room for it."""
    return [
        f"{each.metric}, {each.arm}: {each.winsorised}" for each in effects if each.winsorised is not None
    ]


def parts_of(analysis: Analysis) -> list[tuple[str, tuple[Effect, ...]]]:
    """The tables of effects with their titles: over all rows first, where only some can differ."""
    if analysis.share is None:
        return [("", analysis.effects)]
    inside = f"where the arms differ: {analysis.share:.2%} of the rows"
    return [("over all rows", analysis.overall), (inside, analysis.effects)]


def interval(bounds: tuple[float, float], shares: tuple[float, float] | None) -> str:
    """An interval as shares of the control's value; of the difference itself where that isn't clear of 0."""
    if shares is not None:
        return f"[{shares[0]:+.2%}, {shares[1]:+.2%}]"
    if not all(map(isfinite, bounds)):
        return "none before the end"
    return f"[{bounds[0]:+.4g}, {bounds[1]:+.4g}] in all"


def to_json(analysis: Analysis, said: Verdicts) -> dict[str, Any]:
    """Everything, for programs; infinities and NaN as null, as JSON has neither."""
    body = {
        "mode": "split",
        "verdict": said.as_json(said.overall),
        "verdicts": [said.as_json(each) for each in said.arms],
        "text": str(said),
        **asdict(analysis),
    }
    body["mismatch"] = {**asdict(analysis.mismatch), "blocks": analysis.mismatch.blocks}
    if analysis.triggered is not None:
        body["triggered"] = {**asdict(analysis.triggered), "blocks": analysis.triggered.blocks}
    found: dict[str, Any] = finite(body)
    return found


def finite(value: Any) -> Any:
    """The same with infinities and NaN as None, as JSON has neither."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value
