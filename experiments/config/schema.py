"""The JSON Schema of live.yaml, so that editors check it: `python -m experiments.config.schema`."""

import json
from pathlib import Path
from typing import Any

from experiments.config.live import Live

FILE = Path(__file__).parents[1] / "schema.json"


def schema() -> str:
    """The schema as text, as `schema.json` has it."""
    body = _on_one_line(Live.model_json_schema(by_alias=True))
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Ballast live.yaml"}
    return json.dumps({**body, **dialect}, indent=2, sort_keys=True) + "\n"


def _on_one_line(value: Any) -> Any:
    """Descriptions without the line breaks of the source they come from."""
    if isinstance(value, dict):
        return {
            key: " ".join(each.split())
            if key == "description" and isinstance(each, str)
            else _on_one_line(each)
            for key, each in value.items()
        }
    return [_on_one_line(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    FILE.write_text(schema())
