"""An explanation as a page: the finding first, then how it came about. All text is escaped by the sheet."""

from __future__ import annotations

from collections.abc import Iterator

from bentos.offline.explanation.parts import (
    ExplainedArm,
    ExplainedItem,
    Explanation,
    OtherOrder,
    rounded,
)
from monitoring.dates import to_second
from monitoring.pages.sheet import heading, paragraph, section, sheet, table

ADDED = 8  # contributions of an item that are shown


def explained_page(found: Explanation) -> str:
    """The page."""
    return sheet(f"Why {found.request_id}", "\n".join(_parts(found)))


def refusal_page(sentence: str) -> str:
    """A page that says why there is none."""
    return sheet("No explanation", heading("No explanation") + paragraph(sentence, "verdict bad"))


def _parts(found: Explanation) -> Iterator[str]:
    yield heading(f"Why {found.unit} got this order")
    yield paragraph(
        f"Request {found.request_id}, {to_second(found.time)}, {found.candidates:,} items; "
        f"answered by {found.model}, {_how(found)}.",
        "verdict",
    )
    kind = {True: "good", False: "bad", None: "open"}[found.proof.same]
    yield paragraph(f"Scores: {found.proof.sentence}.", kind)
    if found.records > 1:
        yield paragraph(f"The log has {found.records} decisions of this id; this is the last.", "soft")
    yield section("The first items", _items(found.items))
    yield from (_added(each) for each in found.items if each.contributions)
    if found.unknown:
        yield section("Not in the catalogue, and so last", paragraph(", ".join(map(str, found.unknown[:50]))))
    yield section("Arms", _arms(found.arms))
    yield section("The version", *_version(found))
    yield section("What other arms would have answered", _others(found.others))
    yield section("As asked", _facts(found))


def _how(found: Explanation) -> str:
    if found.fallback is not None:
        return f"in the fallback order, since {found.fallback}"
    share = "" if found.exploration is None else f" ({found.exploration:.2%} of all answers are)"
    return f"explored: drawn at random{share}" if found.explored else f"by its scores, not explored{share}"


def _items(items: list[ExplainedItem]) -> str:
    head = ("item", "place", "by score", "score", "score again", "propensity", "outcome")
    return table(head, [(str(each.item), *each.figures) for each in items])


def _added(item: ExplainedItem) -> str:
    shown, rest = item.contributions[:ADDED], item.contributions[ADDED:]
    lines = [(each.named, each.shown, f"{each.adds:+.4f}") for each in shown]
    if rest:
        lines.append((f"{len(rest)} others", "", f"{sum(each.adds for each in rest):+.4f}"))
    base = paragraph(f"{rounded(item.base)} for everybody, and:", "soft")
    return section(
        f"{item.position}. {item.item}", base, table(("feature", "value", "adds"), lines, short=True)
    )


def _arms(arms: list[ExplainedArm]) -> str:
    if not arms:
        return paragraph("No experiment applied.", "soft")
    again = {True: "yes", False: "no: another arm today", None: "its live file is gone"}
    lines = [
        (
            arm.experiment,
            arm.variant,
            "forced by an override" if arm.forced else f"{arm.bucket:.4f}",
            arm.salt,
            ", ".join(f"{name} {share:.0%}" for name, share in arm.shares.items()),
            again[arm.again],
        )
        for arm in arms
    ]
    return table(("experiment", "arm", "drawn", "salt", "shares then", "drawn again"), lines)


def _version(found: Explanation) -> Iterator[str]:
    said = found.version
    yield paragraph(f"{found.model}, snapshot {found.snapshot}, epoch {found.epoch}.")
    yield paragraph(f"The gate: {said.sentence}", said.gate)
    if said.override:
        yield paragraph(f"The gate's word was {said.gate}: {said.override}", "open")
    yield from (paragraph(f"The guard: {stop}", "bad") for stop in said.stops)


def _others(others: list[OtherOrder]) -> str:
    lines = [
        (each.experiment, each.variant, each.model, each.why_not or ", ".join(map(str, each.items)))
        for each in others
    ]
    return table(("experiment", "arm", "version", "first items"), lines) if lines else ""


def _facts(found: Explanation) -> str:
    told = {"unit": found.unit} | found.attributes | found.context
    return table(("name", "value"), [(name, str(value)) for name, value in told.items()])
