"""What `ballast explain` prints: the answer first, a line for each reason, a table for each item."""

from __future__ import annotations

import io
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bentos.commands.printed_explanation import TOP, printed
from bentos.offline.explanation.parts import (
    Contribution,
    ExplainedArm,
    ExplainedItem,
    Explanation,
    OtherOrder,
    Proof,
    VersionWord,
)

NAMED = "[price] in euro"


def found(**changes: Any) -> Explanation:
    adds = [
        Contribution(feature=f"f{at}", means=NAMED if at == 0 else "", value=None, adds=1 / (at + 1))
        for at in range(TOP + 2)
    ]
    made = Explanation(
        request_id="r1", records=1, time=0.0, received=0.0, seconds=0.001, unit="viewer-7",
        attributes={}, context={}, model="small/1", snapshot="5f0e", epoch=3, experiments="",
        correction=None, fallback=None,
        explored=False, exploration=0.01, candidates=2, unknown=["x"],
        arms=[ExplainedArm(
            experiment="boost", variant="one", model="small/1", bucket=0.25, salt="b-1", forced=False,
            shares={"one": 0.5, "other": 0.5}, again=True,
        )],
        version=VersionWord(
            gate="hold", sentence="hold: sign: wrong", override="overridden by ann", stops=["it stopped"]
        ),
        proof=Proof(same=True, sentence="equal"),
        items=[ExplainedItem(
            item="[a]", position=1, by_score=2, score=0.5, again=0.5, propensity=0.995, outcomes=[(2.0, 9.0)],
            base=0.1, contributions=adds,
        )],
        others=[OtherOrder(experiment="boost", variant="other", model="small/2", items=["b", "[a]"])],
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def shown(explanation: Explanation) -> str:
    console = Console(file=io.StringIO(), width=80)
    for each in printed(explanation):
        if isinstance(each, Table):
            console.print(each)
        else:
            console.print(each, markup=False, soft_wrap=True)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_each_reason_is_a_line() -> None:
    """Who asked, how it was answered, the arm, the gate's word and who overrode it, the guard, the proof."""
    text = shown(found())
    assert "request r1: viewer-7 asked at 1970-01-01 00:00:00 UTC for 2 items" in text
    assert "in the order of its scores; not explored (1.00% of all answers are)" in text
    assert "boost: one, drawn: 0.2500 under salt 'b-1' (of one 50%, other 50%)" in text
    assert "the gate: hold: sign: wrong" in text
    assert "the gate's word was hold: overridden by ann" in text
    assert "the guard: it stopped" in text
    assert "not in the catalogue, and so last: x" in text
    assert "boost: other (small/2) would have answered: b, [a]" in text


def test_contributions_are_named_and_the_rest_is_summed() -> None:
    """By their declared names; brackets in ids and names are no markup."""
    text = shown(found())
    assert "[price] in euro (f0)" in text
    assert "2 others" in text
    assert f"{1 / (TOP + 1) + 1 / (TOP + 2):+.4f}" in text
    assert "equal" in text


def test_what_was_not_scored_says_why() -> None:
    """A fallback, an explored answer, a draw that comes out otherwise, an id used twice."""
    assert "in the fallback order, since it is stopped" in shown(found(fallback="it is stopped"))
    assert "explored: the order was drawn at random" in shown(found(explored=True, exploration=None))
    assert "the log has 2 decisions of this id; this is the last" in shown(found(records=2))
    arm = msgspec.structs.replace(found().arms[0], again=False, forced=True, shares={})
    text = shown(found(arms=[arm]))
    assert "boost: one, forced by an override; the same file draws another arm today" in text
    unknown = msgspec.structs.replace(
        found().items[0], by_score=None, score=None, again=None, contributions=[]
    )
    assert "[a]" in shown(found(items=[unknown]))
