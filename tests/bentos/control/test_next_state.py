"""From wishes and rulings to the next state: pure, so every rule is a row or a property."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.control.next_state import Restrictions, Settled, Wish, advance, settle, wanted
from bentos.control.promotion.eligibility import MAY_SERVE, UNDER_EXAMINATION, Eligibility, refused
from bentos.home.state import CHALLENGER, CHAMPION, Served, State

NUMBERS = st.sampled_from(["1", "2", "3", "4"])


def state(versions: dict[str, str], **changes: object) -> State:
    base = State(5, "flights", "snap", versions, experiments="e1", since=10.0)
    return msgspec.structs.replace(base, **changes)


def wish(aliases: dict[str, str] | None, *named: str, **changes: str | None) -> Wish:
    parts = {"experiments": "e1", "snapshot": "snap"} | changes
    return Wish("flights", aliases, named, parts["experiments"] or "", parts["snapshot"])


@pytest.mark.parametrize(
    ("served", "wished", "expected", "problem"),
    [
        ({}, wish({"champion": "3"}), {CHAMPION: "3"}, None),
        ({}, wish({"champion": "3", "challenger": "4", "old": "1"}), {CHAMPION: "3", CHALLENGER: "4"}, None),
        ({}, wish({"champion": "3", "old": "1"}, "@old", "7"), {CHAMPION: "3", "@old": "1", "7": "7"}, None),
        ({CHAMPION: "3"}, wish({}), {CHAMPION: "3"}, "the alias champion is gone: version 3 keeps serving"),
        ({CHAMPION: "3", CHALLENGER: "4"}, wish({"champion": "3"}), {CHAMPION: "3"}, None),
        (
            {CHAMPION: "3"},
            wish({"champion": "3"}, CHALLENGER),
            {CHAMPION: "3"},
            "@challenger: flights has no such alias in the registry",
        ),
        ({CHAMPION: "3", CHALLENGER: "4"}, wish(None), {CHAMPION: "3", CHALLENGER: "4"}, None),
        ({CHAMPION: "3", "7": "7"}, wish(None, "8"), {CHAMPION: "3", "8": "8"}, None),
        ({}, wish({}), {}, "@champion: flights has no such alias in the registry"),
    ],
)
def test_what_is_wanted(
    served: dict[str, str], wished: Wish, expected: dict[str, str], problem: str | None
) -> None:
    """Aliases, versions by number, a champion that never goes, and a registry that was never reached."""
    found, problems = wanted(state(served) if served else None, wished)
    assert found == expected
    assert problems == ([] if problem is None else [problem])


def test_what_may_not_serve_keeps_its_place() -> None:
    """A refused version leaves the one before where it is and says why; one being examined waits silently."""
    before = state({CHAMPION: "3", CHALLENGER: "4"})
    wants = {CHAMPION: "5", CHALLENGER: "6", "7": "7"}
    settled = settle(
        before,
        wants,
        {"5": refused("reject: sign: upside down"), "6": UNDER_EXAMINATION, "7": UNDER_EXAMINATION},
    )
    assert settled.versions == {CHAMPION: "3", CHALLENGER: "4"}
    assert settled.waiting == {CHALLENGER, "7"}
    assert settled.problems == [
        "@champion: version 5 stays out: reject: sign: upside down; version 3 keeps serving: "
        "`ballast rollback` points the alias at it"
    ]


def test_a_first_version_that_is_refused_serves_nothing() -> None:
    """Without anything before it, a refused champion means no state at all."""
    settled = settle(None, {CHAMPION: "1"}, {"1": refused("hold: quality: too little data")})
    assert settled.versions == {}
    assert settled.problems == ["@champion: version 1 stays out: hold: quality: too little data"]
    assert advance(None, wish({"champion": "1"}), settled, 1.0) is None


def test_a_promotion_pushes_and_a_return_pops() -> None:
    """1 → 2 → 3, back, back: the stack empties, and `since` is when the champion began."""
    now: State | None = None
    for moment, champion in enumerate(["1", "2", "3"]):
        now = advance(now, wish({"champion": champion}), Settled({CHAMPION: champion}), float(moment))
        assert now is not None
    assert now.previous == (Served("1", 0.0, 1.0), Served("2", 1.0, 2.0))
    for moment, champion in enumerate(["2", "1"], start=3):
        assert now.previous[-1].version == champion
        now = advance(now, wish({"champion": champion}), Settled({CHAMPION: champion}), float(moment))
        assert now is not None
        assert now.since == moment
    assert (now.champion, now.previous, now.epoch) == ("1", (), 5)


def test_new_experiments_wait_for_the_versions_only_they_name() -> None:
    """Until version 7 is judged the old experiments stay; a promotion in the meantime goes through."""
    before = state({CHAMPION: "3"})
    after = wish({"champion": "4"}, "7", experiments="e2")
    found = advance(before, after, Settled({CHAMPION: "4"}, waiting={"7"}), 11.0)
    assert found is not None
    assert (found.versions, found.experiments) == ({CHAMPION: "4"}, "e1")
    found = advance(found, after, Settled({CHAMPION: "4", "7": "7"}), 12.0)
    assert found is not None
    assert (found.versions, found.experiments, found.since) == ({CHAMPION: "4", "7": "7"}, "e2", 11.0)


def test_nothing_moves_without_a_catalogue() -> None:
    """A version that has no catalogue to rank from is not served yet."""
    assert advance(None, wish({"champion": "1"}, snapshot=None), Settled({CHAMPION: "1"}), 1.0) is None


@given(
    served=st.dictionaries(st.sampled_from([CHAMPION, CHALLENGER, "2"]), NUMBERS, max_size=3),
    aliases=st.none() | st.dictionaries(st.sampled_from(["champion", "challenger"]), NUMBERS),
    named=st.lists(st.sampled_from([CHAMPION, CHALLENGER, "1", "2"]), unique=True),
    ruled=st.fixed_dictionaries(
        {n: st.sampled_from([MAY_SERVE, refused("reject: x"), UNDER_EXAMINATION]) for n in "1234"}
    ),
)
def test_only_what_passed_or_already_serves_is_served(
    served: dict[str, str],
    aliases: dict[str, str] | None,
    named: list[str],
    ruled: dict[str, Eligibility],
) -> None:
    """Whatever people wish and the gate says, no refused version gets in, and a champion never goes."""
    before = state(served) if CHAMPION in served else None
    wished = wish(aliases, *named)
    wants, _ = wanted(before, wished)
    settled = settle(before, wants, ruled)
    after = advance(before, wished, settled, 20.0)
    current = after or before
    if current is not None:
        assert CHAMPION in current.versions
    if after is None:
        return
    for reference, version in after.versions.items():
        kept = before is not None and before.versions.get(reference) == version
        assert kept or ruled[version].may_serve
    assert advance(after, wished, settle(after, wants, ruled), 30.0) in (None, after)


def test_an_override_that_ends_gives_the_place_back() -> None:
    """The champion before takes over and is popped; a challenger goes; with nothing before, it stays."""
    before = state({CHAMPION: "4", CHALLENGER: "5"}, previous=(Served("3", 1.0, 2.0),))
    wants = {CHAMPION: "4", CHALLENGER: "5"}
    settled = settle(before, wants, {"4": refused("hold: quality"), "5": refused("hold: sign")}, {"4", "5"})
    assert settled.versions == {CHAMPION: "3"}
    assert settled.problems[0] == (
        "@champion: version 4 stays out: hold: quality; version 3 keeps serving: "
        "`ballast rollback` points the alias at it"
    )
    after = advance(before, wish({"champion": "4", "challenger": "5"}), settled, 9.0)
    assert after is not None
    assert (after.champion, after.previous) == ("3", ())
    alone = state({CHAMPION: "4"})
    assert settle(alone, {CHAMPION: "4"}, {"4": refused("hold: quality")}, {"4"}).versions == {CHAMPION: "4"}


STATE = State(
    5, "small", "snap", {CHAMPION: "3", CHALLENGER: "4"}, previous=(Served("1", 0, 1), Served("2", 1, 2))
)
WISH = Wish("small", {"champion": "3", "challenger": "4"}, [], "", "snap")


@pytest.mark.parametrize(
    ("stopped", "versions", "previous"),
    [
        (["3"], {CHAMPION: "2", CHALLENGER: "4"}, ["1"]),
        (["3", "2"], {CHAMPION: "1", CHALLENGER: "4"}, []),
        (["4"], {CHAMPION: "3"}, ["1", "2"]),
        (["1", "2", "3"], {CHAMPION: "4", CHALLENGER: "4"}, ["1", "2"]),
        (["1", "2", "3", "4"], {CHAMPION: "3"}, ["1", "2"]),
        (["2"], {CHAMPION: "3", CHALLENGER: "4"}, ["1", "2"]),
    ],
)
def test_the_state_that_follows_a_stop(
    stopped: list[str], versions: dict[str, str], previous: list[str]
) -> None:
    """The last good champion takes over, else the challenger; without any it stays. Then all rests."""
    why = {version: refused(f"the guard stopped it: {version}") for version in stopped}
    restrictions = Restrictions(dict.fromkeys(stopped, "upside down"), fallback="-price")

    def step(state: State, now: float) -> State | None:
        wants = {CHAMPION: "3", CHALLENGER: "4"}
        rulings = {version: why.get(version, MAY_SERVE) for version in wants.values()}
        return advance(state, WISH, settle(state, wants, rulings, set(stopped)), now, restrictions)

    after = step(STATE, 9.0)
    assert after is not None
    assert (after.versions, [each.version for each in after.previous]) == (versions, previous)
    assert (after.stopped, after.fallback, after.epoch) == (dict(restrictions.stopped), "-price", 6)
    assert step(after, 10.0) is None  # the alias still points there, and nothing flips


def test_a_cleared_champion_comes_back() -> None:
    """Its alias was never moved."""
    after = msgspec.structs.replace(
        STATE, versions={CHAMPION: "2"}, stopped={"3": "upside down"}, previous=()
    )
    back = advance(after, WISH, settle(after, {CHAMPION: "3"}, {"3": MAY_SERVE}), 20.0)
    assert back is not None
    assert (back.versions, back.stopped, back.previous[-1].version) == ({CHAMPION: "3"}, {}, "2")
    assert advance(STATE, WISH, Settled({CHAMPION: "3", CHALLENGER: "4"}), 1.0) is None
