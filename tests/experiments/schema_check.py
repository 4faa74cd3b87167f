"""Whether a document satisfies a JSON Schema, of the words that ours uses; others are mistakes."""

from typing import Any

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
KNOWN = {
    *(
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
    ),
    *("anyOf", "oneOf", "enum", "const", "$ref", "$defs", "title", "description", "$schema"),
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where and why it doesn't; empty where it does."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            each = [faults(value, one, root, at) for one in schema[several]]
            return [] if [] in each else min(each, key=len)
    if "const" in schema or "enum" in schema:
        return [] if value in schema.get("enum", [schema.get("const")]) else [f"{at}: {value!r}"]
    kinds = schema.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = any(
        isinstance(value, KINDS[kind]) and isinstance(value, bool) <= (kind == "boolean") for kind in kinds
    )
    if not fits:
        return [f"{at}: {value!r} is no {kinds}"]
    if isinstance(value, dict):
        return _of_object(value, schema, root, at)
    return _of_array(value, schema, root, at) if isinstance(value, list) else []


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and isinstance(value, bool) <= (kind == "boolean")


def _of_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value]
    for name, each in value.items():
        inside = known.get(name, others)
        if inside is False:
            found.append(f"{at}.{name} is not known")
        elif inside is not True:
            found += faults(each, inside, root, f"{at}.{name}")
    return found


def _of_array(value: list[Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    first = schema.get("prefixItems", [])
    found = [f"{at}: {len(value)} entries"] if len(value) < schema.get("minItems", 0) else []
    found += [f"{at}: {len(value)} entries"] if len(value) > schema.get("maxItems", len(value)) else []
    for index, each in enumerate(value):
        inside = first[index] if index < len(first) else schema.get("items", {})
        found += faults(each, inside, root, f"{at}[{index}]")
    return found
