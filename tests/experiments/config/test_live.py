"""The compiled form says the same as the file, and only meaning changes its digest."""

import json

from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.plan import compile_plan
from experiments.config import schema
from experiments.config.check import parse
from experiments.config.live import Live
from tests.experiments.files import FILE, edited, live

FULL = """\
        description: all keys
        targeting: {airport: {in: [JFK, EWR]}, hour: {gte: 6, lt: 22}, session: {exists: true}}
        overrides: {viewer-1: challenger}
        start: 2026-01-01
        end: 2026-02-01T00:00:00+01:00
        ramp: [{at: 2026-01-01, share: 0.1}, {at: 2026-01-08, share: 1}]
exploration: {share: 0.01, salt: e-1, policy: plackett-luce, temperature: 0.5, per: unit}
holdout: {share: 0.05, salt: h-1}
default: 7
"""


def test_json_gives_back_the_same_file() -> None:
    """Workers load what the Steward compiled, without the YAML."""
    compiled = live(tail=FULL)
    again = Live.from_json(compiled.to_json())
    assert again == compiled
    assert again.digest == compiled.digest
    assert again.to_json() == compiled.to_json()
    assert compile_plan(again).layers[0].table == compile_plan(compiled).layers[0].table


def test_only_meaning_changes_the_digest() -> None:
    """Comments, layout and defaults written out don't; a weight does."""
    plain = live()
    assert live(("version: 1", "# why\nversion:   1")).digest == plain.digest
    assert live(("        traffic: [[0.0, 1.0]]\n", "")).digest == plain.digest
    assert live(("weight: 0.5}\n        primary", "weight: 0.50}\n        primary")).digest == plain.digest
    assert live(("salt: layer-1", "salt: layer-2")).digest != plain.digest


def test_models_are_those_that_must_be_loaded() -> None:
    """The default first; a stopped experiment needs none."""
    assert live().models == ("@champion", "@challenger")
    assert live(tail="        enabled: false\n").models == ("@champion",)
    assert live(('"@challenger", weight', "12, weight")).models == ("@champion", "12")


def test_instants_are_unix_seconds_in_utc() -> None:
    """A date is its midnight."""
    (experiment,) = live(tail=FULL).experiments
    assert experiment.start == 1_767_225_600
    assert experiment.end == 1_769_900_400


def test_schema_file_is_in_step() -> None:
    """Editors complete live.yaml from it: regenerate it with python -m experiments.config.schema."""
    assert schema.FILE.read_text() == schema.schema()
    properties = json.loads(schema.schema())["properties"]
    assert set(properties) == set(Live.model_fields)


@given(st.text(max_size=30))
def test_no_and_other_bare_words_stay_text(word: str) -> None:
    """YAML 1.1 reads `no` as false and 1:30 as 90; here an override's unit is what stands in the file."""
    quoted = json.dumps(word)
    compiled = live(tail=f"        overrides: {{no: champion, 1:30: champion, {quoted}: challenger}}\n")
    (experiment,) = compiled.experiments
    assert experiment.overrides.keys() >= {"no", "1:30"} or word in ("no", "1:30")


def test_the_documented_file_is_sound() -> None:
    """What docs/experiments.md shows is what the check takes."""
    page = (schema.FILE.parents[1] / "docs/experiments.md").read_text()
    shown = page.split("``yaml\n")[1].split("``")[0]
    assert [experiment.name for experiment in parse(shown).experiments] == ["challenger"]


def test_file_and_schema_name_each_other() -> None:
    """The comment that makes editors use the schema."""
    live_yaml = schema.FILE.with_name("live.yaml").read_text()
    assert live_yaml.startswith("# yaml-language-server: $schema=schema.json\n")
    assert edited() == FILE
