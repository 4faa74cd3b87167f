"""The schema in docs is that of the types, and real results satisfy it."""

import json
from typing import Any

import numpy as np
import pytest

from experiments import result_schema
from experiments.analysis.analyze import analyze
from experiments.analysis.question import Measure, Question
from experiments.analysis.report import to_json
from experiments.analysis.verdicts import verdicts_of
from experiments.interleaving import report as interleaved
from experiments.interleaving.preferences import Preferences, credited, preferred
from tests.experiments.analysis.frames import frame, question, table
from tests.experiments.schema_check import faults

SCHEMA = json.loads(result_schema.schema())
BOTH = (
    Measure("m", "m", winsorise=0.99, before=("p", None)),
    Measure("one", "one", role="guardrail", margin=0.1),
)


def test_the_file_in_docs_is_in_step() -> None:
    """Regenerate it with python -m experiments.result_schema."""
    assert result_schema.FILE.read_text() == result_schema.schema()


def _result(asks: Question, effect: float = 0.5) -> dict[str, Any]:
    data = frame(effect=effect)
    data["day"], data["odd"] = np.arange(len(data)) / 500, np.arange(len(data)) % 2 == 1
    data["phase"] = np.where(data.day < 2, "x", "y")
    found = analyze(table(data), asks)
    body: dict[str, Any] = json.loads(json.dumps(to_json(found, verdicts_of(found, asks)), allow_nan=False))
    return body


@pytest.mark.parametrize(
    "asks",
    [
        question(),
        question(*BOTH, ended=True, slices=("odd",), time="day", detailed=True),
        question(trigger="odd", watched=True),
        question(weights={"x": {"a": 0.5, "b": 0.5}, "y": {"a": 0.6, "b": 0.4}}, phase="phase", time="day"),
        question(weights={"": {"a": 0.5, "c": 0.5}}),
        question(looks=0.0),
    ],
)
def test_results_satisfy_it(asks: Question) -> None:
    assert faults(_result(asks), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize("count", [3, 600])
def test_so_do_those_of_interleaving(count: int) -> None:
    draw = np.random.default_rng(1)
    one = credited(draw.normal(0.3, 1.0, count), np.full(count, 2.0), [f"u{n}" for n in range(count)])
    assert one is not None
    found = Preferences(("a", "b"), (one,), (count // 2, count - count // 2), {"explored": 3})
    body = interleaved.to_json(found, preferred(found))
    assert faults(json.loads(json.dumps(body)), SCHEMA, SCHEMA) == []


def test_what_does_not_satisfy_it_is_seen() -> None:
    """The check itself can fail."""
    body = _result(question())
    for wrong in (
        {**body, "more": 1},
        {key: each for key, each in body.items() if key != "verdicts"},
        {**body, "verdict": {**body["verdict"], "word": "perhaps"}},
        {**body, "rows": "many"},
        {**body, "effects": [{**body["effects"][0], "units": [1]}]},
    ):
        assert faults(wrong, SCHEMA, SCHEMA)
