"""The JSON of arms is what encoding them one by one would give."""

import msgspec
import orjson
import pytest

from bentos.worker.arm_texts import ArmTexts, arm_texts
from experiments.assignment.arms import Assignment
from experiments.assignment.assign import assign
from experiments.assignment.plan import Plan
from monitoring.log.record import ArmRecord
from tests.experiments.files import plan

LAYER = """\
        overrides: {viewer-1: challenger}
  - name: colours
    salt: layer-2
    experiments:
      - name: colour
        unit: viewer
        hash: growthbook-v1
        salt: 'c"1 ä'
        variants: [{name: red, weight: 0.5}, {name: blue, weight: 0.5}]
holdout: {share: 0.2, salt: h-1}
"""


def _records(found: Assignment, same: bool | None = None) -> list[ArmRecord]:
    return [
        ArmRecord(
            arm.experiment,
            arm.variant,
            arm.model or found.model,
            arm.bucket,
            arm.salt,
            arm.forced,
            same if arm is found.by else None,
        )
        for arm in found.arms
    ]


@pytest.mark.parametrize("exposure", ["all", "differing"])
def test_texts_are_those_of_the_records(exposure: str) -> None:
    """For drawn, forced, held-out and marked arms, with and without a model of their own."""
    config: Plan = plan(tail=f"        exposure: {exposure}\n" + LAYER)
    texts = ArmTexts(config)
    for number in range(300):
        found = assign(config, f"viewer-{number}", {}, 0)
        for same in (None, True, False):
            written = orjson.dumps(texts.recorded(found, same=same))
            assert written == orjson.dumps([msgspec.structs.asdict(each) for each in _records(found, same)])
        answered = orjson.loads(orjson.dumps(texts.answered(found.arms)))
        assert answered == {arm.experiment: arm.variant for arm in found.arms}


def test_texts_of_a_plan_are_made_once() -> None:
    """Swapping what is served beside it makes them not anew."""
    one = plan()
    assert arm_texts(one) is arm_texts(one)
    assert arm_texts(plan()) is not arm_texts(one)
