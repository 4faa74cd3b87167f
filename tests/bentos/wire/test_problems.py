"""Problem documents: what a client reads of a refusal, and how much of its own request it gets back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bentos.wire.problems import RETRY_AFTER, Problem, invalid, shown


def document(problem: Problem) -> dict[str, Any]:
    return dict(json.loads(problem.body()))


def test_a_refusal_names_field_value_and_rule() -> None:
    """In a sentence, and as members of the document."""
    problem = invalid("candidates[2]", "x", "each candidate once")
    assert (problem.status, str(problem)) == (422, "candidates[2]: 'x': each candidate once")
    assert document(problem) == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "candidates[2]: 'x': each candidate once",
        "field": "candidates[2]",
        "value": "'x'",
        "rule": "each candidate once",
    }


def test_without_a_field_there_is_no_value() -> None:
    """What is wrong lies with the server, or with the whole request; `more` members stand beside."""
    problem = Problem(503, "not ready: nothing yet", headers=RETRY_AFTER, more={"epoch": 4})
    assert document(problem) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "not ready: nothing yet",
        "epoch": 4,
    }
    assert problem.headers == ((b"retry-after", b"1"),)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        ("a\nb", r"'a\nb'"),
        ([1, 2, 3], "[1, 2, 3]"),
        ([1, 2, 3, 4], "list of 4"),
        ({str(number): number for number in range(4)}, "dict of 4"),
        ("x" * 78, "'" + "x" * 78 + "'"),
        ("x" * 79, "'" + "x" * 79 + "… (81 characters)"),
        ("x" * 10**6, "'" + "x" * 79 + "… (1000002 characters)"),
    ],
)
def test_a_value_is_repeated_short_and_on_one_line(value: object, said: str) -> None:
    """The whole of it up to 80 characters, then its beginning and its length."""
    assert shown(value) == said
