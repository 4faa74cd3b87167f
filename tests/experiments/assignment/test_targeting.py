"""Who an experiment is for: every operator, on every kind of value that a request may send."""

import pytest

from experiments.assignment.assign import assign
from experiments.assignment.targeting import ABSENT, named_values, value_test
from experiments.config.live import Condition
from tests.experiments.files import plan


def test_targeting_decides_who_is_asked() -> None:
    """All operators given must hold."""
    target = "{airport: {in: [JFK, LGA]}, hour: {gte: 6, lt: 22}, returning: {ne: true}}"
    config = plan(tail=f"        targeting: {target}\n")
    rows: list[tuple[dict[str, object], bool]] = [
        ({"airport": "JFK", "hour": 6, "returning": False}, True),
        ({"airport": "JFK", "hour": 22, "returning": False}, False),
        ({"airport": "EWR", "hour": 6, "returning": False}, False),
        ({"airport": "LGA", "hour": 21.5, "returning": True}, False),
        ({"airport": "LGA", "hour": 21.5}, False),
        ({"airport": "LGA", "hour": "7", "returning": False}, False),
        ({"airport": ["JFK"], "hour": 7, "returning": False}, False),
        ({"airport": "JFK", "hour": True, "returning": False}, False),
        ({}, False),
    ]
    for attributes, inside in rows:
        assert bool(assign(config, "viewer-1", attributes, 0).arms) == inside, attributes


@pytest.mark.parametrize(
    ("condition", "value", "matches"),
    [
        ("{eq: JFK}", "JFK", True),
        ("{not_in: [JFK]}", "EWR", True),
        ("{not_in: [JFK]}", "JFK", False),
        ("{exists: true}", "", True),
        ("{exists: true}", None, False),
        ("{exists: false}", None, True),
        ("{exists: false}", "x", False),
    ],
)
def test_operators(condition: str, value: str | None, matches: bool) -> None:
    """Each operator on text; None is an attribute that was sent as null."""
    config = plan(tail=f"        targeting: {{airport: {condition}}}\n")
    assert bool(assign(config, "viewer-1", {"airport": value}, 0).arms) == matches


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        ({"eq": True}, [True], [1, "true", None, False]),
        ({"eq": 1}, [1, 1.0], [True, "1"]),
        ({"ne": "a"}, ["b", None], ["a"]),
        ({"in": ["a", 2]}, ["a", 2], ["b", True, ["a"]]),
        ({"gt": 1, "lte": 3}, [1.5, 3], [1, 3.5, "2", True, None]),
        ({"gte": 1, "lt": 3}, [1, 2.9], [0.9, 3]),
    ],
)
def test_values_are_compared_within_their_kind(
    condition: dict[str, object], yes: list[object], no: list[object]
) -> None:
    """A boolean is no number, a text is none, and what is absent matches only `exists: false`."""
    test = value_test(Condition.model_validate(condition))
    assert [test(value) for value in yes] == [True] * len(yes)
    assert [test(value) for value in no] == [False] * len(no)
    assert not test(ABSENT)


def test_a_condition_names_the_values_of_all_its_operators() -> None:
    """Whether the attribute exists is no value."""
    condition = Condition.model_validate({"in": ["a", 2], "ne": True, "gte": 1.5, "exists": True})
    assert sorted(map(str, named_values(condition))) == ["1.5", "2", "True", "a"]
