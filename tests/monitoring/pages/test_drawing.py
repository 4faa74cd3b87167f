"""Drawings are well-formed, keep to their box, and show what they are given."""

from math import inf, nan
from xml.etree import ElementTree

import pytest

from monitoring.pages.drawing import HIGH, LEFT, WIDE, course, intervals, spread


def _root(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def test_intervals_stand_in_their_order_around_zero() -> None:
    root = _root(intervals([("a & b", -0.1, 0.0, 0.1), ("c", 0.05, 0.1, 0.2), ("no", 0.0, nan, inf)]))
    lines = [each for each in root.iter("line") if each.get("class") == "stroke"]
    first, second = [(float(each.get("x1", "")), float(each.get("x2", ""))) for each in lines]
    assert first[0] + first[1] == pytest.approx(WIDE, abs=0.2)  # 0 is in the middle
    assert WIDE / 2 < second[0] < second[1] <= WIDE - 4
    assert "a & b" in [each.text for each in root.iter("text")]
    assert intervals([("no", 0.0, nan, inf)]) == ""


def test_a_course_has_a_point_each_inside_its_band() -> None:
    root = _root(course(["x", "y", "z"], [-0.2, -0.1, 0.0], [0.0, 0.1, 0.1], [0.2, 0.2, 0.3]))
    dots = list(root.iter("circle"))
    assert len(dots) == 3
    assert float(dots[0].get("cx", "")) == LEFT
    places = [tuple(map(float, point.split(","))) for point in root.find("polygon").get("points", "").split()]  # type: ignore[union-attr]
    assert len(places) == 6
    assert all(0 <= y <= HIGH for _, y in places)
    assert [each.text for each in root.iter("text")][-3:] == ["x", "y", "z"]


@pytest.mark.parametrize("wrong", [nan, inf])
def test_a_course_with_a_hole_is_not_drawn(wrong: float) -> None:
    assert course(["x", "y"], [0.0, wrong], [0.1, 0.1], [0.2, 0.2]) == ""
    assert course(["x"], [0.0], [0.1], [0.2]) == ""


def test_distributions_of_arms_are_told_apart() -> None:
    root = _root(spread([0, 1, 2], {"a": [0.25, 0.75], "b": [0.5, 0.5]}))
    lines = list(root.iter("polyline"))
    assert len({each.get("class") for each in lines}) == 2
    assert {"a", "b"} <= {each.text for each in root.iter("text")}
    assert spread([0, 1], {"a": [0.0]}) == ""
