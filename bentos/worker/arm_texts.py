"""The arms of an answer as JSON: what all answers of an arm share is written once for a plan."""

from __future__ import annotations

from functools import cache, lru_cache

import orjson

from experiments.assignment.arms import Arm, Assignment, PlannedArm
from experiments.assignment.plan import Plan

KEPT = 2  # plans: the one that is served, and the one that comes


class ArmTexts:
    """Of every arm of a plan, its entry in an answer and the parts of its entry in a record."""

    def __init__(self, plan: Plan) -> None:
        self._answers = [f"{_json(arm.experiment)}:{_json(arm.variant)}" for arm in plan.arms]
        self._buckets = [_fractions(arm.resolution) for arm in plan.arms]
        self._drawn = [_tail(Arm(arm, 0), None) for arm in plan.arms]
        named = (model for arm in plan.arms for model in (arm.model, *arm.interleave) if model is not None)
        self._heads = {
            model: [_head(arm, model) for arm in plan.arms] for model in dict.fromkeys((plan.default, *named))
        }

    def answered(self, arms: tuple[Arm, ...]) -> orjson.Fragment:
        """An object of experiment → variant."""
        answers = self._answers
        return orjson.Fragment("{" + ",".join([answers[arm.of.number] for arm in arms]) + "}")

    def recorded(self, assignment: Assignment, *, same: bool | None = None) -> orjson.Fragment:
        """The list of `ArmRecord`; `same` is the mark on the arm that asks for one."""
        heads, buckets, drawn = self._heads[assignment.model], self._buckets, self._drawn
        marked = None if same is None else assignment.by
        texts = [
            heads[number] + buckets[number][arm.position] + drawn[number]
            if not arm.forced and arm is not marked
            else heads[number] + buckets[number][arm.position] + _tail(arm, same if arm is marked else None)
            for arm in assignment.arms
            for number in (arm.of.number,)
        ]
        return orjson.Fragment("[" + ",".join(texts) + "]")


@lru_cache(KEPT)
def arm_texts(plan: Plan) -> ArmTexts:
    """Those of a plan, made once."""
    return ArmTexts(plan)


def _head(arm: PlannedArm, model: str) -> str:
    """Up to the unit's fraction, where an arm that names no model has that of the assignment."""
    ranks = _json(arm.model or model)
    return f'{{"experiment":{_json(arm.experiment)},"variant":{_json(arm.variant)},"model":{ranks},"bucket":'


def _tail(arm: Arm, same: bool | None) -> str:
    """From the fraction on."""
    return f',"salt":{_json(arm.salt)},"forced":{_json(arm.forced)},"same":{_json(same)}}}'


@cache
def _fractions(resolution: int) -> list[str]:
    """Every fraction of a hash: that of position p is p / resolution."""
    return [_json(position / resolution) for position in range(resolution)]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
