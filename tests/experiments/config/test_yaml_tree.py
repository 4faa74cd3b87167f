"""YAML is read as its plain part, and every value knows its line."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.config import yaml_tree
from tests.experiments.files import live


@given(st.text(max_size=30))
def test_no_and_other_bare_words_stay_text(word: str) -> None:
    """YAML 1.1 reads `no` as false and 1:30 as 90; here an override's unit is what stands in the file."""
    quoted = json.dumps(word)
    compiled = live(tail=f"        overrides: {{no: champion, 1:30: champion, {quoted}: challenger}}\n")
    (experiment,) = compiled.experiments
    assert experiment.overrides.keys() >= {"no", "1:30"} or word in ("no", "1:30")


def tree(text: str) -> yaml_tree.Entry:
    """The tree of a sound text."""
    found, problems = yaml_tree.read_tree(text)
    assert found is not None
    assert problems == []
    return found


def test_values_know_their_lines() -> None:
    """By path; the deepest entry on the way where the path leads nowhere."""
    found = tree("a: 1\nb:\n  - x\n  - {c: 2}\n")
    assert [found.at(path).line for path in ((), ("a",), ("b",), ("b", 1), ("b", 1, "c"))] == [1, 1, 2, 4, 4]
    assert found.at(("b", 7, "c")).path == ("b",)
    assert found.at(("a", "b")).path == ("a",)
    assert found.plain() == {"a": 1, "b": ["x", {"c": 2}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("1:30", "1:30"), ("2026-01-01", "2026-01-01"), ("0x1f", "0x1f"),
        ("true", True), ("FALSE", False), ("~", None), ("", None), ("-7", -7), ("1e3", 1000.0), (".5", 0.5),
        (".inf", math.inf), ("'7'", "7"), ("12345678901234567890123", 12345678901234567890123.0),
    ],
)  # fmt: skip
def test_bare_words(text: str, value: object) -> None:
    """Only YAML 1.2's core words mean something else than text."""
    found = tree(f"a: {text}\n").plain()["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("a: 1\na: 2\n", 2, "is written twice (first in line 1)"),
        ("a: &x 1\nb: *x\n", 2, "is an alias; write the value out where it is used"),
        ("a: !!set {}\n", 1, "has"),
        ("a: !mine x\n", 1, "is a tag; only plain values are read"),
        ("? [1]\n: 2\n", 1, "has a key that isn't a plain word"),
        ("a: [\n", 2, "is not YAML: "),
        ("", 1, "is empty: there is nothing to run"),
    ],
)
def test_surprises_are_problems(text: str, line: int, rule: str) -> None:
    """Each with its line."""
    _, problems = yaml_tree.read_tree(text)
    if "!!set" in text:
        assert problems == []  # a mapping, whatever it is called
        return
    assert [problem.line for problem in problems] == [line]
    assert rule in problems[0].rule
