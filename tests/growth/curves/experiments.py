"""What experiments cost an answer: those that do not apply to it, and the arms of those that do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure

ASSIGNMENTS = 2_000
ATTRIBUTES = {"airport": "JFK", "hour": 12, "returning": True, "session": "s-1", "tier": 5}


def _live(experiments: int, applies: bool) -> Live:
    """Each in a layer of its own, with five conditions of which the last holds or not."""
    layers = [
        {
            "name": f"layer-{number}",
            "salt": f"l-{number}",
            "experiments": [
                {
                    "name": f"experiment-{number}",
                    "unit": "unit",
                    "hash": "growthbook-v2",
                    "salt": f"e-{number}",
                    "variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}],
                    "targeting": {
                        "airport": {"in": ["JFK", f"X{number}"]},
                        "returning": {"eq": True},
                        "session": {"exists": True},
                        "tier": {"gt": number % 3},
                        "hour": {"gte": number % 7, "lt": 20 + number % 4 if applies else number % 11},
                    },
                }
            ],
        }
        for number in range(experiments)
    ]
    return Live.model_validate({"layers": layers})


def _cost(experiments: int, applies: bool) -> Cost:
    plan = compile_plan(_live(experiments, applies))
    with counted() as seconds:
        for number in range(ASSIGNMENTS):
            assign(plan, f"viewer-{number}", ATTRIBUTES, 0.0)
    return Cost(ASSIGNMENTS * (experiments if applies else 1), seconds())


def _curve(name: str, unit: str, applies: bool) -> Curve:
    @contextmanager
    def measuring(_: Path) -> Iterator[Measure]:
        yield lambda experiments: _cost(experiments, applies)

    return Curve(name, "experiments", unit, (1, 10, 100, 500), (4, 20, 100), measuring)


CURVES = (
    _curve("experiments that do not apply", "an assignment", applies=False),
    _curve("experiments that apply", "an arm", applies=True),
)
