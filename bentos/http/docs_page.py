"""The description of the HTTP API as a page that needs nothing from the internet (`GET /docs`)."""

from __future__ import annotations

import html
from typing import Any

from bentos.http.openapi import JSON, document
from monitoring.pages.sheet import STYLE

_MORE = (
    "code,pre{background:var(--tint)}code{padding:.1em .3em}pre{padding:.8rem;overflow-x:auto}"
    ".verb{color:var(--one);font-weight:600;text-transform:uppercase}"
)


def page(name: str, example: str) -> str:
    """The OpenAPI document as HTML; `example` is a request body that works."""
    described = document(name)
    schemas = described["components"]["schemas"]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Ballast: {html.escape(name)}</title>",
        f"<meta name=viewport content='width=device-width, initial-scale=1'><style>{STYLE}{_MORE}</style>",
        f"<h1>Ballast: <code>{html.escape(name)}</code></h1>",
        "<p>The machine-readable form is <a href=/docs.json>/docs.json</a> (OpenAPI 3.1). "
        "See also <a href=/status>/status</a> and <a href=/metrics>/metrics</a>.</p>",
    ]
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            parts.append(_operation(path, verb, operation, schemas))
    parts.append(
        f"<h2>An example</h2><pre>curl -s localhost:3000/rank -d '{html.escape(example)}'</pre></html>"
    )
    return "".join(parts)


def _operation(path: str, verb: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    text = f"<h2><span class=verb>{verb}</span> <code>{path}</code></h2>"
    text += f"<p>{html.escape(operation['summary'])}</p>"
    if "parameters" in operation:
        text += "<h3>Query</h3>" + _parameters(operation["parameters"])
    body = operation.get("requestBody", {"content": {JSON: {"schema": {}}}})["content"][JSON]["schema"]
    if "$ref" in body:
        text += "<h3>Body</h3>" + _table(body, schemas)
    answer = operation["responses"]["200"]["content"].get(JSON, {}).get("schema")
    if answer:
        text += "<h3>Answer</h3>" + _table(answer, schemas)
    refusals = [status for status in operation["responses"] if status != "200"]
    if refusals:
        text += f"<p>Refusals, as <code>application/problem+json</code>: {', '.join(refusals)}.</p>"
    return text


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{each['name']}</code><td>{each['schema']['type']}<td>{html.escape(each['description'])}"
        for each in parameters
    )
    return f"<table><tr><th>parameter<th>type<th>meaning{rows}</table>"


def _table(reference: dict[str, Any], schemas: dict[str, Any]) -> str:
    schema = schemas[reference["$ref"].rpartition("/")[2]]
    required = set(schema.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{field}</code>{' *' if field in required else ''}<td>{html.escape(_kind(kind))}"
        f"<td>{html.escape(_meaning(kind))}"
        for field, kind in schema["properties"].items()
    )
    head = "field (* required)" if required else "field"
    return f"<table><tr><th>{head}<th>type<th>meaning{rows}</table>"


def _meaning(schema: dict[str, Any]) -> str:
    choices = [schema, *schema.get("anyOf", ())]
    return next((one["description"] for one in choices if "description" in one), "")


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if schema.get("$ref"):
        return "object"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
