"""An analysis for people and for programs: rows of text, JSON, and one HTML page with its pictures inside."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from math import isfinite
from typing import Any

from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.mismatch import DOUBTFUL
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


def page(name: str, analysis: Analysis, verdict: Verdicts) -> str:
    """One HTML page without anything from elsewhere."""
    parts = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="verdict">{escape(str(verdict))}</p>',
        f"<p>{escape(analysis.accounting.sentence())}</p>",
        "".join(
            f'<p class="{"bad" if each.blocks else ""}">{escape(each.sentence())}</p>'
            for each in analysis.mismatches
        ),
        "".join(
            f'<p class="bad">{escape(str(each))}</p>'
            for each in analysis.mismatch_slices
            if each.p < DOUBTFUL
        ),
        "".join(f"<p>{escape(note)}</p>" for note in analysis.notes),
        *(_part(title, effects) for title, effects in parts_of(analysis)),
    ]
    for column, values in analysis.slices.items():
        parts.append(f"<h2>The primary metric by {escape(column)}</h2>")
        parts += [
            f"<h3>{escape(value)}</h3>{table(HEADINGS, rows(effects))}" for value, effects in values.items()
        ]
    return PAGE.format(title=escape(name), body="\n".join(parts))


def _part(title: str, effects: Sequence[Effect]) -> str:
    head = f"<h2>{escape(title)}</h2>" if title else ""
    return f"{head}{table(HEADINGS, rows(effects))}{_picture(effects)}"


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """An HTML table of text."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _picture(effects: Iterable[Effect]) -> str:
    return picture(
        [(f"{each.metric}, {each.arm}", *each.relative) for each in effects if each.relative is not None]
    )


def picture(intervals: Iterable[tuple[str, float, float]]) -> str:
    """Relative intervals, one named line each, around 0."""
    shown = [(name, low, high) for name, low, high in intervals if isfinite(low) and isfinite(high)]
    if not shown:
        return ""
    reach = max(max(abs(low), abs(high)) for _, low, high in shown) * 1.05
    lines = []
    for index, (name, low, high) in enumerate(shown):
        y = 24 + 28 * index
        left, middle, right = (420 + 280 * value / reach for value in (low, (low + high) / 2, high))
        lines.append(
            f'<text x="0" y="{y + 4}">{escape(name)}</text>'
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" class="interval"/>'
            f'<circle cx="{middle:.1f}" cy="{y}" r="4"/>'
        )
    height = 28 * len(lines) + 40
    axis = (
        f'<line x1="420" x2="420" y1="8" y2="{height - 22}" class="zero"/>'
        f'<text x="412" y="{height - 4}">0</text>'
        f'<text x="120" y="{height - 4}">{-reach:+.1%}</text>'
        f'<text x="660" y="{height - 4}">{reach:+.1%}</text>'
    )
    return f'<svg viewBox="0 0 720 {height}" role="img">{axis}{"".join(lines)}</svg>'


def finite(value: Any) -> Any:
    """The same with infinities and NaN as None, as JSON has neither."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color:
#1d2733 }} table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #d8dee6 }}
.verdict {{ font-size: 1.15rem; font-weight: 600 }} .bad {{ color: #b3261e }}
svg {{ width: 100%; max-width: 52rem; font: 12px system-ui, sans-serif }}
.interval {{ stroke: #2b5fa4; stroke-width: 2 }} .zero {{ stroke: #8793a0; stroke-dasharray: 3 3 }}
circle {{ fill: #2b5fa4 }}
</style></head><body>
{body}
</body></html>
"""
