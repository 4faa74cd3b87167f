"""The compiled assignment is the rule, to the last bit: for few experiments, and for many in one step."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from experiments.assignment.assign import assign
from experiments.assignment.draws import FEW
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from tests.experiments.assignment.rule import told

ALPHABETS = ["abcdefgh-0123456789", "äöüß", "日本", "😀🎲"]
ALGORITHMS = ["growthbook-v1", "growthbook-v2"]
DAY = 86_400.0


def _word(draw: random.Random) -> str:
    return "".join(draw.choices("".join(draw.choices(ALPHABETS, k=2)), k=draw.randrange(1, 24)))


def _experiment(draw: random.Random, name: str, unit: str, traffic: list[list[float]]) -> dict[str, Any]:
    cut = draw.random()
    made: dict[str, Any] = {
        "name": name,
        "unit": unit,
        "hash": draw.choice(ALGORITHMS),
        "salt": _word(draw),
        "traffic": traffic,
        "variants": [
            {"name": "a", "weight": cut},
            {"name": "b", "weight": draw.choice([1.0, 0.5]) * (1 - cut)},
        ],
        "enabled": draw.random() < 0.95,
    }
    if draw.random() < 0.2:
        made["targeting"] = {"tier": {"gte": draw.randrange(5)}, "session": {"exists": True}}
    if draw.random() < 0.2:
        made["start"], made["end"] = "1970-01-02", "1970-01-05"
    if draw.random() < 0.2:
        made["ramp"] = [{"at": "1970-01-02", "share": 0.3}, {"at": "1970-01-03", "share": 0.7}]
    if draw.random() < 0.2:
        made["overrides"] = {f"unit-{number}": draw.choice("ab") for number in range(3)}
    if draw.random() < 0.1:
        made["mode"], made["overrides"] = "interleave", {}
        made["variants"] = [{"name": "a", "model": "1"}, {"name": "b", "model": "2"}]
    return made


def _layers(draw: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        shared = draw.choice([[[[0.0, 1.0]]], [[[0.0, 0.4]], [[0.5, 1.0]]], [[[0.1, 0.9]]]])
        unit = draw.choice(["unit", "unit", "session"])
        experiments = [
            _experiment(draw, f"e-{number}-{index}", unit, traffic) for index, traffic in enumerate(shared)
        ]
        yield {
            "name": f"l-{number}",
            "salt": _word(draw),
            "hash": draw.choice(ALGORITHMS),
            "experiments": experiments,
        }


def made(draw: random.Random, layers: int) -> Live:
    """A file of random layers, most of them open."""
    given: dict[str, Any] = {"layers": list(_layers(draw, layers))}
    if draw.random() < 0.5:
        given["holdout"] = {"share": 0.2, "salt": _word(draw), "hash": draw.choice(ALGORITHMS)}
    return Live.model_validate(given)


@pytest.mark.parametrize("layers", [1, 3, FEW, 40])
@pytest.mark.parametrize("seed", range(6))
def test_the_compiled_assignment_is_the_rule(layers: int, seed: int) -> None:
    """Arms, buckets and their order, over ramps, dates, conditions, overrides, holdouts, kinds of unit."""
    draw = random.Random(1_000 * layers + seed)
    live = made(draw, layers)
    plan = compile_plan(live)
    for number in range(60):
        unit = f"unit-{number}" if number < 6 else _word(draw)
        session = draw.choice([None, "unit-1", 7, True, 1.5, _word(draw)])
        attributes = {"tier": draw.randrange(6), "session": session}
        now = draw.choice([0.0, DAY, 1.5 * DAY, 2 * DAY, 4 * DAY, 9 * DAY])
        arms = assign(plan, unit, attributes, now).arms
        found = [(arm.experiment, arm.variant, arm.bucket, arm.forced) for arm in arms]
        assert found == told(live, unit, attributes, now)


def test_many_experiments_make_arms_in_one_step() -> None:
    """So that the test above has looked at both ways."""
    draw = random.Random(1)
    plan = compile_plan(made(draw, 3 * FEW))
    most = max(len(assign(plan, f"u-{n}", {"tier": 9, "session": "s"}, 3 * DAY).arms) for n in range(20))
    assert most > FEW
