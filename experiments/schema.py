"""The JSON Schema of live.yaml, so that editors complete and check it: ``python -m experiments.schema``."""

import json
from pathlib import Path

from experiments.config import Live

FILE = Path(__file__).with_name("schema.json")


def schema() -> str:
    """The schema as text, as ``schema.json`` has it."""
    body = Live.model_json_schema(by_alias=True)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Ballast live.yaml"}
    return json.dumps({**body, **dialect}, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema())
