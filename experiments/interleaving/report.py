"""A preference for people and for programs: rows of text, JSON, and one HTML page with its picture inside."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from experiments.analysis.page import Look, banner, looked_at
from experiments.analysis.report import finite
from experiments.interleaving.preferences import Credit, Preferences, Preferred
from monitoring.pages.drawing import intervals
from monitoring.pages.sheet import figure, heading, paragraph, section, sheet, table


def headings(found: Preferences) -> tuple[str, ...]:
    """Of the columns that `rows` gives."""
    return (
        "metric",
        "requests",
        "units",
        *(f"{ranker} wins" for ranker in found.rankers),
        "ties",
        "metric's mean",
        "credit",
        "level",
        "anytime interval",
        "p",
        "fixed interval",
        "p at end",
    )


def rows(credits: Iterable[Credit]) -> list[tuple[str, ...]]:
    """One row a metric; credit and intervals are shares of the metric's mean where that isn't 0."""
    return [
        (
            each.metric if each.role == "primary" else f"{each.metric} ({each.role})",
            f"{each.requests:,}",
            f"{each.units:,}",
            f"{each.losses:,}",
            f"{each.wins:,}",
            f"{each.ties:,}",
            f"{each.base:.5g}",
            _share(each, each.mean),
            f"{each.level:.4g}",
            _interval(each, each.anytime),
            f"{each.anytime_p:.3g}",
            _interval(each, each.fixed) if each.fixed else "at the planned end",
            "" if each.fixed_p is None else f"{each.fixed_p:.3g}",
        )
        for each in credits
    ]


SHORT = ("metric", "requests", "won", "lost", "ties", "credit", "interval", "p")
"""Columns of a terminal's table that fit into 80, of the second ranker."""


def short_rows(credits: Iterable[Credit]) -> list[tuple[str, ...]]:
    """One row a metric, under SHORT."""
    return [
        (
            each.metric if each.role == "primary" else f"{each.metric} ({each.role})",
            f"{each.requests:,}",
            f"{each.wins:,}",
            f"{each.losses:,}",
            f"{each.ties:,}",
            _share(each, each.mean),
            _interval(each, each.deciding),
            f"{each.anytime_p if each.fixed_p is None else each.fixed_p:.2g}",
        )
        for each in credits
    ]


def sentences(found: Preferences) -> list[str]:
    """What stands beside the table: the coin, the answers that nobody is credited for, and notes."""
    first, second = found.rankers
    one, other = found.began
    told = [
        f"{first} began {one:,} drafts and {second} {other:,}, a fair coin each: p = {found.coin:.3g}; "
        f"credit above 0 is {second}'s"
    ]
    told += [f"{n:,} answers are left out: {reason}" for reason, n in found.left_out.items()]
    return [*told, *found.notes]


def to_json(found: Preferences, said: Preferred) -> dict[str, Any]:
    """Everything, for programs; infinities and NaN as null, as JSON has neither."""
    credits = [asdict(each) | {"requests": each.requests} for each in found.credits]
    body = {"verdict": asdict(said), "text": str(said), "mode": "interleave", **asdict(found)}
    ready: dict[str, Any] = finite({**body, "credits": credits, "coin": found.coin})
    return ready


def page(name: str, found: Preferences, said: Preferred, looks: Sequence[Look] = ()) -> str:
    """One HTML page without anything from elsewhere. `looks`: those that are known, this one last."""
    lines = [
        (each.metric, each.deciding[0] / scale, each.mean / scale, each.deciding[1] / scale)
        for each in found.credits
        if (scale := abs(each.base))
    ]
    first, second = found.rankers
    caption = f"Credit per request, of the metric's mean: on the right {second} earns more than {first}."
    body = [
        heading(name),
        banner(str(said), said.word),
        section(
            "Whose items earn more",
            figure(intervals(lines), caption),
            table(headings(found), rows(found.credits)),
        ),
        looked_at(looks),
        section("Notes", "".join(map(paragraph, sentences(found)))),
    ]
    return sheet(name, "\n".join(body))


def _share(each: Credit, value: float) -> str:
    return f"{value / abs(each.base):+.2%}" if each.base else f"{value:+.4g}"


def _interval(each: Credit, bounds: tuple[float, float]) -> str:
    return f"[{_share(each, bounds[0])}, {_share(each, bounds[1])}]"
