"""The kill switch, thrown in the text: that experiment stops, and every other character stays."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.check import parse
from experiments.config.kill_switch import disabled, enabled, switched_off
from experiments.config.problems import AnalysisError, ConfigError
from experiments.config.schema import FILE as SCHEMA
from tests.experiments.files import FILE, HEAD, edited, live

SECOND = """\
      - unit: viewer            # its name stands last
        hash: growthbook-v2
        traffic: [[0.5, 1.0]]
        salt: other-1
        variants: [{name: a, weight: 0.5}, {name: b, weight: 0.5}]
        name: other   # the name
  - {name: quiet, salt: layer-2, experiments: [{name: flat, unit: viewer, hash: growthbook-v2, salt: f-1,
     variants: [{name: a, weight: 0.5}, {name: b, weight: 0.5}]}]}
"""
TWO = edited(("traffic: [[0.0, 1.0]]", "traffic: [[0.0, 0.5]]"), tail=SECOND)


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, without their places."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[:1] in "+-"]


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        (FILE, "challenger", ["+         enabled: false"]),
        (TWO, "challenger", ["+         enabled: false"]),
        (TWO, "other", ["+         enabled: false"]),
        (
            FILE.replace(
                "unit: viewer\n        hash", "enabled: true  # on\n        unit: viewer\n        hash"
            ),
            "challenger",
            ["-         enabled: true  # on", "+         enabled: false  # on"],
        ),
    ],
)
def test_one_line_changes(text: str, name: str, lines: list[str]) -> None:
    """Whether the switch is there already or not, wherever the name stands; comments stay."""
    after = disabled(text, name)
    assert parse(after) == switched_off(parse(text), name)
    assert changed(text, after) == lines


@pytest.mark.parametrize("name", ["challenger", "other", "flat"])
def test_what_was_thrown_is_taken_back(name: str) -> None:
    """The meaning is the file's own again; what runs stays as it is written."""
    assert enabled(TWO, name) == TWO
    stopped = disabled(TWO, name)
    again = enabled(stopped, name)
    assert parse(again) == parse(TWO)
    assert again == stopped.replace("enabled: false", "enabled: true")


def test_braces_and_the_file_in_the_tree() -> None:
    """A mapping in braces gets its key there; so does the reviewed file itself."""
    assert "{name: flat, enabled: false, unit: viewer" in disabled(TWO, "flat")
    unended = TWO[: TWO.index("  - {name: quiet")].rstrip().removesuffix("  # the name")
    assert disabled(unended, "other") == f"{unended}\n        enabled: false\n"
    folded = FILE.replace("name: challenger\n        unit", "name: |-\n          challenger\n        unit")
    assert changed(folded, disabled(folded, "challenger")) == ["+         enabled: false"]
    text = SCHEMA.with_name("live.yaml").read_text()
    assert changed(text, disabled(text, "challenger")) == ["+         enabled: false"]


@given(
    st.sampled_from(["challenger", "other", "flat"]),
    st.sampled_from(["\n", "\r\n"]),
    st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=20),
    st.booleans(),
)
def test_any_comment_and_line_end(name: str, newline: str, comment: str, before: bool) -> None:
    """What is taken away again is the file as it was."""
    head = f"# {comment}\n" if before else ""
    text = head + TWO.replace("name: challenger\n", f"name: challenger # {comment}\n", 1)
    text = text.replace("\n", newline)
    after = disabled(text, name)
    without = after.replace(f"        enabled: false{newline}", "").replace(", enabled: false", "")
    assert without == text
    assert after.count("enabled: false") == 1


def test_what_cannot_be_stopped_is_said() -> None:
    """An unknown name, a broken file, a file without experiments."""
    with pytest.raises(
        AnalysisError, match="experiment: 'colour' is not in the live file; it has challenger"
    ):
        disabled(FILE, "colour")
    with pytest.raises(ConfigError, match=r"live.yaml:2: unit"):
        disabled(FILE.replace("unit: viewer\nattributes", "unit: [viewer]\nattributes"), "challenger")
    with pytest.raises(AnalysisError, match="it has none"):
        disabled(HEAD, "challenger")


def test_a_stopped_experiment_assigns_nobody() -> None:
    """And nothing else of the file changes."""
    before, after = live(), switched_off(live(), "challenger")
    assert assign(compile_plan(after), "viewer-1", {}, 0).arms == ()
    assert after.digest != before.digest
    assert after.layers[0].salt == before.layers[0].salt
    with pytest.raises(
        AnalysisError, match="experiment: 'colour' is not in the live file; it has challenger"
    ):
        switched_off(before, "colour")
