"""The JSON Schema of what `ballast experiment analyze --json` prints: `python -m experiments.result_schema`.

It is made of the types that results are made of, so that it is true of every result. Any number may be null:
JSON has neither infinities nor NaN.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from experiments.analysis.effects import Analysis
from experiments.analysis.recommendation import Word
from experiments.analysis.verdicts import Ground
from experiments.interleaving.preferences import Preferences
from experiments.interleaving.preferences import Word as Preferred

FILE = Path(__file__).parents[1] / "docs" / "analysis.schema.json"
TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}


def schema() -> str:
    """The schema as text, as the file has it."""
    split, interleave = _described(Analysis), _described(Preferences)
    definitions = split.pop("$defs") | interleave.pop("$defs")
    ground = _described(Ground)
    ground.pop("$defs", None)
    definitions["Ground"] = ground
    grounds = {"type": "array", "items": {"$ref": "#/$defs/Ground"}}
    verdict = _verdict(Word, "arm")
    verdict["properties"] |= {"rests_on": grounds}
    definitions["Verdict"] = verdict
    for each in definitions.values():
        each["required"], each["additionalProperties"] = list(each["properties"]), False
    _blocks(definitions["Mismatch"])
    _requests(definitions["Credit"])
    several = {"type": "array", "items": {"$ref": "#/$defs/Verdict"}}
    own = {"verdict": {"$ref": "#/$defs/Verdict"}, "verdicts": several}
    _headed(split, "split", own)
    _headed(interleave, "interleave", {"verdict": _verdict(Preferred, "ranker"), "coin": {"type": "number"}})
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What ballast experiment analyze --json prints",
        "oneOf": [split, interleave],
        "$defs": definitions,
    }
    return json.dumps(_nullable(body), indent=2, sort_keys=True) + "\n"


def _described(kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = TypeAdapter(kind).json_schema(mode="serialization")
    return found


def _verdict(word: Any, whom: str) -> dict[str, Any]:
    properties = {
        "word": TypeAdapter(word).json_schema(),
        whom: {"anyOf": [TEXT, {"type": "null"}]},
        "reasons": TEXTS,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _headed(body: dict[str, Any], mode: str, more: dict[str, Any]) -> None:
    body["properties"] = {"mode": {"const": mode}, "text": TEXT, **more, **body["properties"]}
    body["required"] = list(body["properties"])
    body["additionalProperties"] = False


def _blocks(mismatch: dict[str, Any]) -> None:
    mismatch["properties"]["blocks"] = {"type": "boolean"}
    mismatch["required"] = [each for each in mismatch["properties"] if each != "blocks"]


def _requests(credit: dict[str, Any]) -> None:
    credit["properties"]["requests"] = {"type": "integer"}
    credit["required"] = list(credit["properties"])


def _nullable(value: Any) -> Any:
    """Numbers with fractions may be null; descriptions stand on one line, and nothing has a default."""
    if isinstance(value, list):
        return [_nullable(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _nullable(each) for key, each in value.items() if key != "default"}
    if isinstance(found.get("description"), str):
        found["description"] = " ".join(found["description"].split())
    return found | ({"type": ["number", "null"]} if found.get("type") == "number" else {})


if __name__ == "__main__":
    FILE.write_text(schema())
