"""An explanation, as `ballast explain` prints it: the finding first, then how it came about."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from bentos.offline.explanation.parts import (
    ExplainedArm,
    ExplainedItem,
    Explanation,
    OtherOrder,
    rounded,
)
from monitoring.dates import to_second

TOP = 6  # contributions of an item that are printed


def printed(found: Explanation) -> Iterator[str | Table]:
    """Lines and tables, in order."""
    asked = f"{found.unit} asked at {to_second(found.time)} for {found.candidates:,} items"
    yield f"request {found.request_id}: {asked}"
    if found.records > 1:
        yield f"the log has {found.records} decisions of this id; this is the last"
    yield f"answered by {found.model} (snapshot {found.snapshot}, epoch {found.epoch}): {_how(found)}"
    yield from map(_arm, found.arms)
    yield from _version(found)
    yield f"scores: {found.proof.sentence}"
    if found.unknown:
        yield f"not in the catalogue, and so last: {', '.join(map(str, found.unknown[:10]))}"
    yield _items(found.items)
    yield from (_contributions(each) for each in found.items if each.contributions)
    yield from map(_other, found.others)


def _how(found: Explanation) -> str:
    if found.fallback is not None:
        return f"in the fallback order, since {found.fallback}"
    share = "" if found.exploration is None else f" ({found.exploration:.2%} of all answers are)"
    if found.explored:
        return f"explored: the order was drawn at random{share}"
    return f"in the order of its scores; not explored{share}"


def _arm(arm: ExplainedArm) -> str:
    shares = ", ".join(f"{name} {share:.0%}" for name, share in arm.shares.items())
    drawn = "forced by an override" if arm.forced else f"drawn: {arm.bucket:.4f} under salt {arm.salt!r}"
    again = {True: "", False: "; the same file draws another arm today", None: "; its live file is gone"}[
        arm.again
    ]
    return f"{arm.experiment}: {arm.variant}, {drawn}{f' (of {shares})' if shares else ''}{again}"


def _version(found: Explanation) -> Iterator[str]:
    said = found.version
    yield f"the gate: {said.sentence}"
    if said.override:
        yield f"the gate's word was {said.gate}: {said.override}"
    yield from (f"the guard: {stop}" for stop in said.stops)


def _items(items: list[ExplainedItem]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("place", "by score", "item", "score", "again", "propensity", "outcome"):
        whole = (
            {"overflow": "fold", "justify": "left", "ratio": 1} if name == "item" else {"justify": "right"}
        )
        table.add_column(name, **whole)
    for each in items:
        place, by_score, *others = each.figures
        table.add_row(place, by_score, escape(str(each.item)), *others)
    return table


def _contributions(item: ExplainedItem) -> Table:
    title = f"{item.position}. {escape(str(item.item))}: {rounded(item.base)} for everybody, and"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in ("adds", "feature", "value"):
        table.add_column(name, justify="right" if name == "adds" else "left")
    for each in item.contributions[:TOP]:
        table.add_row(f"{each.adds:+.4f}", escape(each.named), escape(each.shown))
    rest = sum(each.adds for each in item.contributions[TOP:])
    if len(item.contributions) > TOP:
        table.add_row(f"{rest:+.4f}", f"{len(item.contributions) - TOP} others", "")
    return table


def _other(other: OtherOrder) -> str:
    told = other.why_not or ", ".join(map(str, other.items))
    return f"{other.experiment}: {other.variant} ({other.model}) would have answered: {told}"
