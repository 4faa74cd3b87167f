"""A table is asked the same by options and by a plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bentos.commands.running import mistake, run, said
from tests.experiments.analysis.frames import frame

WEIGHTS = ("--weight", "a=0.5", "--weight", "b=0.5")
PLAN = """\
arm: arm
metrics:
  m: {better: lower, effect: 0.02}
  errors: {of: errors/one, better: lower, margin: 0.5}
primary: m
guardrails: [errors]
variants: [{name: a, weight: 0.5}, {name: b, weight: 0.5}]
level: 0.9
"""
OPTIONS = ("--metric", "m", "--better", "lower", "--effect", "0.02", "--guardrail", "errors/one")
MORE = ("--better", "errors/one=lower", "--margin", "0.5", "--level", "0.9")


@pytest.fixture
def slower(tmp_path: Path) -> Path:
    """Latency, m, of about 10 in the one arm and 12.2 in the other; errors alike."""
    data = frame(effect=2.2)
    data["errors"] = np.arange(len(data)) % 7 == 0
    path = tmp_path / "slower.csv"
    data.to_csv(path, index=False)
    return path


def test_what_is_better_lower_is_not_shipped_for_being_higher(slower: Path) -> None:
    done = run("experiment", "analyze", "x", "--table", slower, *OPTIONS, *MORE, *WEIGHTS)
    assert done.exit_code == 0
    assert "don't: m +2" in done.stdout
    assert "it is worse, as lower is better" in done.stdout
    assert "higher counts" not in done.stderr


def test_a_direction_that_nobody_said_is_said(slower: Path) -> None:
    done = run("experiment", "analyze", "x", "--table", slower, "--metric", "m", *WEIGHTS)
    assert "higher counts as better for m, as nothing else is said; --better lower turns it" in done.stderr


def test_a_verdict_is_an_exit_status_for_automata(slower: Path) -> None:
    """Lower is better or higher is; ended or not; too little."""
    asked = ("experiment", "analyze", "x", "--table", slower, "--metric", "m", *WEIGHTS, "--exit-code")
    assert run(*asked).exit_code == 0
    assert run(*asked, "--better", "lower").exit_code == 10
    assert run(*asked[:6], "errors", *asked[7:]).exit_code == 11
    assert run(*asked[:7], "--weight", "a=0.9", "--weight", "b=0.1", "--exit-code").exit_code == 1
    assert run(*asked[:6], "absent", *asked[7:]).exit_code == 2


def test_the_sentence_stands_first_and_tables_fit(slower: Path) -> None:
    done = run("experiment", "analyze", "x", "--table", slower, *OPTIONS, *MORE, *WEIGHTS)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("don't: m +2")
    table = lines[next(n for n, line in enumerate(lines) if "metric" in line and "interval" in line) :]
    assert max(map(len, table)) <= 80


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at the ends of a document, by where it stands."""
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inside is None:
        yield name, value
        return
    for key, each in inside:
        yield from _leaves(each, f"{name}.{key}")


def test_a_plan_says_what_options_say(slower: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    asked = ("experiment", "analyze", "x", "--table", slower)
    by_plan, by_options = (
        said(*asked, "--plan", tmp_path / "plan.yaml"),
        said(*asked, *OPTIONS, *MORE, *WEIGHTS),
    )
    for one, other in zip(by_plan["effects"], by_options["effects"], strict=True):
        left, right = (dict(_leaves({**each, "metric": ""})) for each in (one, other))
        assert left.keys() == right.keys()
        for name, value in left.items():  # threads add up in another order each time
            assert value == (
                pytest.approx(right[name], rel=1e-6) if isinstance(value, float) else right[name]
            )
    assert [each["role"] for each in by_plan["effects"]] == ["primary", "guardrail"]
    assert by_plan["effects"][0]["level"] == 0.9


def test_a_harmed_guardrail_is_a_dont(slower: Path) -> None:
    asked = ("--metric", "one", "--guardrail", "m", "--better", "m=lower", "--margin", "0.05", *WEIGHTS)
    assert run("experiment", "analyze", "x", "--table", slower, *asked).exit_code == 1  # one never varies
    asked = ("--metric", "errors", "--guardrail", "m", "--better", "m=lower", "--margin", "0.05", *WEIGHTS)
    assert "don't: guardrail m +2" in run("experiment", "analyze", "x", "--table", slower, *asked).stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--effect", "-1"), "--effect -1: must be a change above 0"),
        (("--effect", "q=1"), "--effect 'q=1': 'q' is no metric; those are m"),
        (("--better", "up"), "--better 'up': must be higher or lower"),
        (("--margin", "0.1"), "--margin '0.1': is about guardrails, and none is given"),
        (("--guardrail", "m"), "--metric 'm': is named twice"),
        (("--level", "95"), "--level 95: must be between 0.5 and 1"),
        (("--triggered",), "--triggered: only of Ballast's own log"),
        (("--plan", "absent.yaml"), "--metric, --weight: --plan says it already"),
    ],
)
def test_what_cannot_be_asked(slower: Path, options: tuple[str, ...], sentence: str) -> None:
    asked = ("experiment", "analyze", "x", "--table", slower, "--metric", "m", *WEIGHTS)
    assert sentence in str(mistake(*asked, *options))


def test_options_of_tables_are_not_passed_over_of_the_log() -> None:
    assert "--metric: only with --table" in str(mistake("experiment", "analyze", "x", "--metric", "m"))
    assert "--ended: only with --table" in str(mistake("experiment", "analyze", "x", "--ended"))
