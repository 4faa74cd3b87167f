"""An analysis as one page that people can send: the verdict first, then what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.analysis.course import EffectCourse, Kind, unlike
from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.mismatch import DOUBTFUL, THRESHOLD
from experiments.analysis.question import Measure, Question
from experiments.analysis.report import HEADINGS, SLICE, parts_of, rows, slice_rows
from experiments.analysis.spread import Spread
from experiments.analysis.verdicts import Verdicts
from monitoring.dates import to_minute
from monitoring.pages.drawing import course, intervals, spread
from monitoring.pages.sheet import figure, heading, paragraph, section, sheet, table

KINDS = {
    "ship": "good",
    "prefer": "good",
    "don't": "bad",
    "no preference": "open",
    "keep going": "open",
    "can't say": "open",
}
"""Verdict → its colour."""


@dataclass(frozen=True, slots=True)
class Look:
    """One time that somebody looked: unix seconds, the rows that there were, and what was said."""

    at: float
    rows: int
    said: str


def page(name: str, analysis: Analysis, question: Question, said: Verdicts, looks: Sequence[Look]) -> str:
    """The page. `looks`: those that are known, this one last."""
    body = [
        heading(name),
        banner(str(said), said.overall.word),
        _arms(said),
        *(_effects(title, effects) for title, effects in parts_of(analysis)),
        _over_time(analysis, question),
        _spread(analysis.spread),
        _slices(analysis),
        _mismatch(analysis),
        _accounting(analysis),
        section("What the metrics are", _metrics(question)),
        looked_at(looks),
        section("Notes", "".join(map(paragraph, analysis.notes))),
    ]
    return sheet(name, "\n".join(body))


def banner(said: str, word: str) -> str:
    """The sentence that a page begins with."""
    return paragraph(said, f"verdict {KINDS[word]}")


def _arms(said: Verdicts) -> str:
    if len(said.arms) < 2:
        return ""
    lines = [(each.arm or "", each.word, "; ".join(each.reasons)) for each in said.arms]
    return section("Each arm", table(("arm", "verdict", "why"), lines))


def _effects(title: str, effects: Sequence[Effect]) -> str:
    drawn = intervals(
        (f"{each.metric}, {each.arm}", each.relative_deciding[0], each.lift, each.relative_deciding[1])
        for each in effects
        if each.relative_deciding is not None and each.lift is not None
    )
    caption = "Relative effects with the intervals that decide; left of the dashed line the arm is lower."
    head = f"Effects {title}".strip()
    return section(head, figure(drawn, caption), table(HEADINGS, rows(effects)))


_TITLES: dict[Kind, str] = {
    "summed up": "up to each moment; the band holds at all of them together, however often one looked",
    "calendar": "in each part of the time by itself; the band holds in all parts together",
    "since first seen": "by the time since a unit was first seen, of units observed for all of it; the "
    "band holds in all parts together",
}


def _over_time(analysis: Analysis, question: Question) -> str:
    found = analysis.courses
    drawn = [_course(each, question.measures[0]) for kind in _TITLES for each in found if each.kind == kind]
    apart = unlike(question) if found else None
    return section(
        "The effect over time",
        f'<div class="figures">{"".join(drawn)}</div>' if drawn else "",
        *([] if apart is None else [paragraph(apart, "open")]),
    )


def _course(each: EffectCourse, measure: Measure) -> str:
    bands = [moment.relative for moment in each.moments]
    lifts = [moment.lift for moment in each.moments]
    labels = [moment.label for moment in each.moments]
    known = [(b[0], e, b[1]) for b, e in zip(bands, lifts, strict=True) if b is not None and e is not None]
    if len(known) < len(labels):
        return ""
    lows, estimates, highs = zip(*known, strict=True)
    trend = "" if each.trend is None else f" {trend_told(each)}"
    return figure(
        course(labels, lows, estimates, highs), f"{measure.name}, {each.arm}: {_TITLES[each.kind]}.{trend}"
    )


_HOW: dict[Kind, str] = {
    "summed up": "",
    "calendar": "with time",
    "since first seen": "with the time since a unit was first seen, as novelties and habits do",
}


def trend_told(each: EffectCourse) -> str:
    """Whether the effect moves over the parts, in words."""
    p, how = each.trend if each.trend is not None else 1.0, _HOW[each.kind]
    moves = "changes" if p < THRESHOLD else "may change" if p < DOUBTFUL else "is not seen to change"
    return f"The effect {moves} {how} (p = {p:.2g})."


def _spread(found: Spread | None) -> str:
    if found is None:
        return ""
    below, above = found.beyond
    caption = (
        f"Share of each arm's units by their {found.metric}; the outermost bins also hold the {below:.1%} of "
        f"units below and {above:.1%} above the ends."
    )
    return section("Distributions by arm", figure(spread(found.edges, found.shares), caption))


_SLICES = (
    "Levels are shared among the slices, so that all intervals hold together. A shrunk lift is what to "
    "expect of a slice, since the largest of many is mostly luck."
)


def _slices(analysis: Analysis) -> str:
    parts = []
    for column, values in analysis.slices.items():
        effects = [(value, each) for value, of in values.items() for each in of]
        drawn = intervals(
            (f"{value}, {each.arm}", each.relative_deciding[0], each.lift, each.relative_deciding[1])
            for value, each in effects
            if each.relative_deciding is not None and each.lift is not None
        )
        told = [
            each.sentence() for each in analysis.differing if (each.kind, each.column) == ("slice", column)
        ]
        shown = table((column, *SLICE), slice_rows(analysis, column, wide=True))
        drawing = figure(drawn, _SLICES)
        parts.append(section(f"The primary metric by {column}", *map(paragraph, told), drawing, shown))
    told = [each.sentence() for each in analysis.differing if each.kind == "experiment"]
    parts.append(section("Beside other experiments", *map(paragraph, told)))
    return "".join(parts)


def _mismatch(analysis: Analysis) -> str:
    told = [
        paragraph(each.sentence(), "bad" if each.blocks else "open" if each.doubtful else "")
        for each in analysis.mismatches
    ]
    told += [paragraph(each.sentence(), "bad" if each.blocks else "") for each in analysis.balances]
    lines = [
        (each.column, each.value, _units(each.observed, each.expected), f"{each.p:.2g}")
        for each in analysis.mismatch_slices
    ]
    worst = [each for each in analysis.mismatch_slices if each.p < DOUBTFUL]
    if analysis.mismatch_slices:
        kind, some = ("bad", f"{len(worst)} of them") if worst else ("soft", "none of them")
        told.append(
            paragraph(f"{len(lines)} slices were tested, the worst first; {some} has p < {DOUBTFUL}.", kind)
        )
        told.append(table(("slice", "value", "units (expected)", "p, corrected"), lines[:20]))
    return section("Whether the arms have the units they should", *told)


def _units(observed: Mapping[str, int], expected: Mapping[str, float]) -> str:
    return ", ".join(f"{arm} {n:,} ({expected[arm]:,.0f})" for arm, n in observed.items())


def _accounting(analysis: Analysis) -> str:
    found = analysis.accounting
    lines = [("read", f"{found.read:,}", ""), ("used", f"{found.used:,}", "")]
    lines += [
        (each.reason, f"{each.rows:,}", "" if each.example is None else f"unit {each.example}")
        for each in found.left_out
    ]
    units = ", ".join(f"{arm} {n:,}" for arm, n in analysis.units.items())
    return section(
        "Every row accounted for", table(("rows", "number", "such as"), lines), paragraph(f"Units: {units}.")
    )


def _metrics(question: Question) -> str:
    lines = [
        (
            each.name,
            each.role,
            meaning(each),
            each.better,
            f"{each.effect:.3g}",
            "" if each.margin is None else f"{each.margin:.3g}",
            "" if each.winsorise is None else f"quantile {each.winsorise:g}",
            "yes" if each.before else "no",
        )
        for each in question.measures
    ]
    heads = ("metric", "role", "is", "better", "effect that matters", "margin", "capped at", "CUPED")
    return table(heads, lines)


def meaning(measure: Measure) -> str:
    """What a metric's value in an arm is, in words."""
    if measure.meaning:
        return measure.meaning
    if measure.quantile is not None:
        return f"the {100 * measure.quantile:g}th percentile of {measure.numerator} over rows"
    if measure.denominator is not None:
        return f"Σ {measure.numerator} / Σ {measure.denominator}"
    if measure.per_unit:
        return f"mean over units of the sum of {measure.numerator}"
    return f"mean of {measure.numerator} over rows"


def looked_at(looks: Sequence[Look]) -> str:
    """The part of a page that says what was looked at when."""
    lines = [(to_minute(each.at), f"{each.rows:,}", each.said) for each in looks]
    return section("What was looked at when", table(("when", "rows", "said"), lines) if lines else "")
