"""`ballast experiment power --from-log`: an experiment planned from what the log says of a metric."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bentos.commands.console import out, print_json
from bentos.commands.printed_analysis import print_table, write_page
from bentos.home.state import Home
from bentos.settings import settings
from experiments.analysis.past_rows import past_of
from experiments.analysis.planning import LONGEST, Outline, PlannedTest, outline
from experiments.config.check import load
from experiments.config.problems import AnalysisError
from monitoring.log.window import BOUNDED, window
from monitoring.pages.drawing import curves
from monitoring.pages.sheet import figure, paragraph, section, sheet, table

WEEKS = ("after", "units", "planned end", "with CUPED", "at any time")
STOPS = ("true effect", "planned end: mean", "median", "stops before", "no end: mean", "median")


def power_log(  # noqa: PLR0913 - options of a command
    name: str, wanted: Mapping[str, float], *, days: float, unit: str | None, html: Path | None, as_json: bool
) -> None:
    """Plan an experiment decided by the metric `name`, from the last `days` of the log."""
    design = PlannedTest(**wanted)
    design.check()
    if not 2 <= days <= 365:
        raise AnalysisError(f"--days {days:g}: must be from 2 to 365")
    live = load(settings().experiments)
    with window(Home(settings().ranker_home).log, memory=BOUNDED) as log:
        found = outline(past_of(log, live, name, days, unit), design)
    if html is not None:
        write_page(html, page(found, design))
    if as_json:
        print_json({**asdict(found), "design": asdict(design), "at": time.time()})
        return
    for sentence in sentences(found, design):
        out.print(sentence, highlight=False, markup=False)
    print_table(WEEKS, week_rows(found), "smallest relative effect that is seen four times out of five")
    if found.stops:
        print_table(STOPS, stop_rows(found), "looked at daily, it would stop")


def sentences(found: Outline, design: PlannedTest) -> list[str]:
    """What is known, and how long it takes."""
    removed = f"; CUPED with as many days before removes {found.reduction or 0.0:.0%} of the variance"
    gain = "" if found.reduction is None else removed
    known = (
        f"{found.metric}: mean {found.mean:.5g}, standard deviation per unit {found.deviation:.4g} "
        f"({found.deviation / abs(found.mean):.2f} of the mean) over {found.past:.1f} days, {found.rows:.3g} "
        f"decisions a unit{gain}"
    )
    took = (
        f"to see {design.effect:+.1%} four times out of five at today's traffic: {_days(found.days)} to a "
        f"planned end{'' if found.reduction is None else f', {_days(found.days_cuped)} with CUPED'}, "
        f"{_days(found.days_anytime)} looked at at any time"
    )
    return [known, took]


def _days(days: int | None) -> str:
    return f"over {LONGEST} days" if days is None else f"{days:,} days" if days > 1 else "1 day"


def week_rows(found: Outline) -> list[tuple[str, ...]]:
    """One row a week, under WEEKS; a star where the log was shorter and its growth is carried on."""
    return [
        (
            f"{each.days} days{'*' if each.days > found.past + 0.5 else ''}",
            f"{each.units:,}",
            f"{each.planned:.2%}",
            "" if each.cuped is None else f"{each.cuped:.2%}",
            f"{each.anytime:.2%}",
        )
        for each in found.weeks
    ]


def stop_rows(found: Outline) -> list[tuple[str, ...]]:
    """One row a true effect, under STOPS."""
    return [
        (
            f"{each.effect:+.1%}",
            f"{each.mean:.1f} days",
            f"{each.median:.0f} days",
            f"{each.early:.0%}",
            f"{endless.mean:.1f} days",
            f"{endless.median:.0f} days",
        )
        for each, endless in zip(found.stops, found.endless, strict=True)
    ]


def page(found: Outline, design: PlannedTest) -> str:
    """The plan as a page that can be sent, with its picture."""
    labels = [f"{each.days} days" for each in found.weeks]
    lines: dict[str, Sequence[float]] = {
        "planned end": [each.planned for each in found.weeks],
        "at any time": [each.anytime for each in found.weeks],
    }
    if found.reduction is not None:
        lines["with CUPED"] = [each.cuped or 0.0 for each in found.weeks]
    caption = f"Smallest relative effect seen four times out of five; dashed, the {design.effect:.1%} wanted."
    title = f"A plan for {found.metric}"
    body = [
        f"<h1>{title}</h1>",
        *map(paragraph, sentences(found, design)),
        section("What could be seen", figure(curves(labels, lines, design.effect), caption)),
        section("Week by week", table(WEEKS, week_rows(found), short=True), paragraph(_STAR, "soft")),
        section("When it would stop, looked at daily", table(STOPS, stop_rows(found)) if found.stops else ""),
    ]
    return sheet(title, "\n".join(body))


_STAR = "* The log was shorter; the growth of its last third is carried on."
