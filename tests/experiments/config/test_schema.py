"""The schema by which editors complete live.yaml is that of the models."""

import json

from experiments.config import schema
from experiments.config.live import Live
from tests.experiments.files import FILE, edited


def test_schema_file_is_in_step() -> None:
    """Editors complete live.yaml from it: regenerate it with python -m experiments.config.schema."""
    assert schema.FILE.read_text() == schema.schema()
    properties = json.loads(schema.schema())["properties"]
    assert set(properties) == set(Live.model_fields)


def test_file_and_schema_name_each_other() -> None:
    """The comment that makes editors use the schema."""
    live_yaml = schema.FILE.with_name("live.yaml").read_text()
    assert live_yaml.startswith("# yaml-language-server: $schema=schema.json\n")
    assert edited() == FILE


def test_descriptions_stand_on_one_line() -> None:
    """Whatever the line breaks of the docstrings they come from; and keys of that name stay mappings."""
    definitions = json.loads(schema.schema())["$defs"]
    assert all("\n" not in each["description"] for each in definitions.values() if "description" in each)
    assert definitions["Experiment"]["properties"]["description"]["type"] == "string"
