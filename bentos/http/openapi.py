"""The description of the HTTP API: an OpenAPI document, and a page that shows it without the internet."""

from __future__ import annotations

import html
from typing import Any

import msgspec

from bentos.wire.messages import Feedback, RankRequest

_PROBLEM = {
    "description": "RFC 9457 problem: `detail` names the field, the value and the rule",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_JSON = "application/json"


def document(name: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a deployment that serves the ranker `name`."""
    _, schemas = msgspec.json.schema_components(
        [RankRequest, Feedback], ref_template="#/components/schemas/{name}"
    )
    schemas["RankRequest"]["properties"]["candidates"] = {
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "minItems": 1,
        "maxItems": 5000,
        "uniqueItems": True,
        "description": "ids of items; all text or all integers, as in the catalogue",
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Ballast: {name}", "version": "1"},
        "paths": {
            "/rank": {
                "post": _post(
                    "Rank candidates for a unit", "RankRequest", "Ranking", (400, 413, 422, 429, 503)
                )
            },
            "/feedback": {
                "post": _post(
                    "Tell what came of a decision", "Feedback", "Accepted", (400, 404, 413, 422, 503)
                )
            },
            "/status": {"get": _get("What is promoted, what is serving, what is wrong")},
            "/experiments": {
                "get": _get("The live experiments: epoch, digest, the file's text, and what is live of it"),
                "put": _PUT,
            },
            "/metrics": {"get": _get("Prometheus metrics", "text/plain")},
            "/livez": {"get": _get("The process runs", "text/plain")},
            "/readyz": {"get": _get("A version serves", "text/plain")},
        },
        "components": {
            "schemas": {**schemas, **_ANSWERS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _parameter(name: str, kind: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}}


_PUT: dict[str, Any] = {
    "summary": "Change the live experiments, if nobody else did since the epoch that the change is made for",
    "security": [{"token": []}],
    "parameters": [
        _parameter("dry_run", "integer", "1: check and diff only"),
        _parameter("epoch", "integer", "that of GET /experiments; needed unless it is a dry run"),
        _parameter("reason", "string", "why, for the record; needed unless it is a dry run"),
        _parameter("by", "string", "in whose name; needed unless it is a dry run"),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            _JSON: {"schema": {"type": "object"}},
        },
    },
    "responses": {
        "200": {
            "description": "every worker serves it; or the dry run's diff",
            "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Change"}}},
        },
        "202": {"description": "the file is written, and not every worker has taken it up yet"},
        **{str(status): _PROBLEM for status in (400, 401, 403, 405, 412, 413, 422, 428, 503)},
    },
}


def _post(summary: str, body: str, answer: str, refusals: tuple[int, ...]) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        },
        "responses": {
            "200": {
                "description": "done",
                "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{answer}"}}},
            },
            **{str(status): _PROBLEM for status in refusals},
        },
    }


def _get(summary: str, media_type: str = _JSON) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": "done", "content": {media_type: {}}}}}


_ANSWERS: dict[str, Any] = {
    "Ranking": {
        "type": "object",
        "description": "Columns, best first. Unknown candidates come last, with null score.",
        "properties": {
            "request_id": {"type": "string"},
            "items": {
                "type": "array",
                "items": {"type": ["string", "integer"]},
                "description": "best first; unknown ones last",
            },
            "scores": {
                "type": "array",
                "items": {"type": ["number", "null"]},
                "description": "aligned with items; null where unknown, and under a fallback",
            },
            "propensities": {
                "type": "array",
                "items": {"type": ["number", "null"]},
                "description": "the serving policy's probability of this item at this position",
            },
            "model": {"type": "string", "description": "ranker and version that scored"},
            "arms": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "experiment → variant",
            },
            "explored": {"type": "boolean", "description": "whether the order was drawn at random"},
            "fallback": {
                "type": ["string", "null"],
                "description": "why it is not the arm's model that ordered, if it is not",
            },
            "unknown": {
                "type": "array",
                "items": {"type": ["string", "integer"]},
                "description": "candidates that the catalogue lacks",
            },
        },
    },
    "Accepted": {
        "type": "object",
        "properties": {"request_id": {"type": "string"}, "accepted": {"type": "integer"}},
    },
    "Change": {
        "type": "object",
        "properties": {
            "before": {"type": "string", "description": "digest of what was live"},
            "after": {"type": "string", "description": "digest of the change"},
            "epoch": {"type": "integer", "description": "the epoch that serves"},
            "seconds": {
                "type": ["number", "null"],
                "description": "until every worker had taken it up; null where that is still to come",
            },
            "problems": {"type": "array", "items": {"type": "string"}},
            "units": {"type": "integer", "description": "of the log, under both files"},
            "sentences": {
                "type": "array",
                "items": {"type": "string"},
                "description": "what the change does to them",
            },
            "dry_run": {"type": "boolean"},
        },
    },
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "field": {"type": "string"},
            "value": {"type": "string"},
            "rule": {"type": "string"},
        },
    },
}

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#223}"
    "h2{margin-top:2rem;border-top:1px solid #ccd;padding-top:1rem}code,pre{background:#f4f5f8}"
    "code{padding:.1em .3em}pre{padding:.8rem;overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde;vertical-align:top}"
    ".verb{color:#06c;font-weight:600;text-transform:uppercase}"
)


def page(name: str, example: str) -> str:
    """The same as HTML; `example` is a request body that works."""
    described = document(name)
    schemas = described["components"]["schemas"]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Ballast: {html.escape(name)}</title>",
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>",
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
    body = operation.get("requestBody", {"content": {_JSON: {"schema": {}}}})["content"][_JSON]["schema"]
    if "$ref" in body:
        text += "<h3>Body</h3>" + _table(body, schemas)
    answer = operation["responses"]["200"]["content"].get(_JSON, {}).get("schema")
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
