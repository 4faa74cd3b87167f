"""The plan of a table's analysis is read as live.yaml is: every problem at once, by line, value and rule."""

from pathlib import Path

import pytest

from experiments.config.plan_file import load_plan
from experiments.config.problems import ConfigError
from experiments.config.table_plan import TablePlan

PLAN = """\
unit: viewer
arm: shown
metrics:
  wait: {of: latency, better: lower, effect: 0.02}
  errors: {of: errors/requests, better: lower, margin: 0.01}
  spend: {per: unit, winsorise: 0.99}
primary: wait
guardrails: [errors]
variants:
  - {name: "Old page", weight: 0.5}
  - {name: "1", weight: 0.5}
end: 2026-02-01
"""


def _read(folder: Path, text: str) -> TablePlan:
    file = folder / "plan.yaml"
    file.write_text(text)
    return load_plan(file)


def test_a_plan_is_what_it_says(tmp_path: Path) -> None:
    plan = _read(tmp_path, PLAN)
    assert plan.metrics["wait"].better == "lower"
    assert plan.variants[0].name == "Old page"
    assert plan.end == 1769904000.0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "of: latency, better",
            "of: latency, quantile: 0.9, per: unit, better",
            "is of sums, and a quantile is of single rows; leave out 'per'",
        ),
        (
            "of: latency, better",
            "of: latency, quantile: 0.9, winsorise: 0.99, better",
            "means nothing beside a quantile",
        ),
        (
            "primary: wait",
            "primary: wiat",
            "plan.yaml:7: primary: 'wiat' is not a metric of this file; did",
        ),
        ("[errors]", "[errors, wait]", "plan.yaml:8: guardrails[1]: 'wait' is named twice"),
        ("weight: 0.5}\nend", "weight: 0.4}\nend", "has weights that sum to 0.9; they must sum to 1"),
        ('"1", weight', '"Old page", weight', "'Old page' is the name of another variant as well"),
        ("effect: 0.02", "effect: -1", "plan.yaml:4: metrics.wait.effect: -1 must be above 0"),
        (
            "better: lower, effect",
            "beter: lower, effect",
            "metrics.wait.beter: 'lower' is not a key",
        ),
        (
            "end: ",
            "phases: {a: {New: 1}}\nend: ",
            "'New' is not a variant; those are Old page, 1",
        ),
        ("end: ", "phases: {a: {'1': 1}}\nend: ", "phases: ['a'] needs 'phase' beside it"),
        ("end: ", "phases: {a: {'1': 0.7}}\nend: ", "phases.a: [0.7] has weights that sum to 0.7"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in PLAN
    with pytest.raises(ConfigError) as caught:
        _read(tmp_path, PLAN.replace(old, new))
    assert sentence in str(caught.value)
