"""The description of the HTTP API as an OpenAPI 3.1 document (`GET /docs.json`)."""

from __future__ import annotations

from typing import Any

import msgspec

from bentos.wire.messages import MAX_CANDIDATES, Feedback, RankRequest

_PROBLEM = {
    "description": "RFC 9457 problem: `detail` names the field, the value and the rule",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
JSON = "application/json"


def document(name: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a deployment that serves the ranker `name`."""
    _, schemas = msgspec.json.schema_components(
        [RankRequest, Feedback], ref_template="#/components/schemas/{name}"
    )
    schemas["RankRequest"]["properties"]["candidates"] = {
        "type": "array",
        "items": {"type": ["string", "integer"]},
        "minItems": 1,
        "maxItems": MAX_CANDIDATES,
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
            JSON: {"schema": {"type": "object"}},
        },
    },
    "responses": {
        "200": {
            "description": "every worker serves it; or the dry run's diff",
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/Change"}}},
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
            "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        },
        "responses": {
            "200": {
                "description": "done",
                "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{answer}"}}},
            },
            **{str(status): _PROBLEM for status in refusals},
        },
    }


def _get(summary: str, media_type: str = JSON) -> dict[str, Any]:
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
            "problems": {
                "type": "array",
                "items": {"type": "string"},
                "description": "what may be wrong with it, such as a fault in what clients send",
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
