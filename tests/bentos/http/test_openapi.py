"""The OpenAPI document says what the API does: every reference leads somewhere, every answer is described."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bentos.home.state import Home
from bentos.http.openapi import document
from bentos.wire.messages import MAX_CANDIDATES, Feedback, RankRequest
from bentos.wire.problems import invalid
from tests.bentos.decisions.deciding import desk

DESCRIBED = document("small")
SCHEMAS = DESCRIBED["components"]["schemas"]


def test_it_is_of_the_ranker_that_is_served() -> None:
    """By name, as OpenAPI 3.1."""
    assert DESCRIBED["openapi"] == "3.1.0"
    assert DESCRIBED["info"]["title"] == "Ballast: small"


def test_every_reference_leads_to_a_schema() -> None:
    """And every schema is referred to."""
    text = json.dumps(DESCRIBED)
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert referred <= SCHEMAS.keys()
    assert SCHEMAS.keys() - referred == set()


def test_requests_are_those_that_are_decoded() -> None:
    """Field by field, with what is required and where limits are."""
    for kind in (RankRequest, Feedback):
        schema = SCHEMAS[kind.__name__]
        assert tuple(schema["properties"]) == kind.__struct_fields__
        assert schema["additionalProperties"] is False
    assert SCHEMAS["RankRequest"]["required"] == ["unit", "candidates"]
    assert SCHEMAS["RankRequest"]["properties"]["candidates"]["maxItems"] == MAX_CANDIDATES
    assert all("description" in json.dumps(each) for each in SCHEMAS["RankRequest"]["properties"].values())


def test_answers_are_those_that_are_given(two_versions: Home, tmp_path: Path) -> None:
    """A real answer and a real problem have the described fields, no more and no less."""
    answer = desk(two_versions, tmp_path, "").rank({"unit": "u", "candidates": ["item-1", "item-2"]})
    assert SCHEMAS["Ranking"]["properties"].keys() == answer.keys()
    problem = json.loads(invalid("unit", 7, "text").body())
    assert SCHEMAS["Problem"]["properties"].keys() == problem.keys()


def test_every_refusal_is_a_problem() -> None:
    """Whatever is not described as done."""
    for verbs in DESCRIBED["paths"].values():
        for operation in verbs.values():
            for status, response in operation["responses"].items():
                assert ("application/problem+json" in response.get("content", {})) == (status >= "400")
