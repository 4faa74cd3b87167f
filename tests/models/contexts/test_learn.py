"""What training learns of a town's contexts, and what it says where it can't."""

from __future__ import annotations

import numpy as np

from models.contexts.learn import LEAST_TRAINED, learn
from models.contexts.reference import CHANGE, JOINT, LATE, OWN
from tests.models.contexts.town import reference, table


def test_every_fault_is_told_apart_from_health() -> None:
    """Limits between the two, and a power calculation: named within so many requests."""
    found = reference()
    assert set(found.shown) == {JOINT, OWN, LATE, CHANGE}
    assert found.unlearnt == {}
    for name, shown in found.shown.items():
        assert shown.healthy < shown.limit < shown.faulty, name
        assert shown.requests is not None, name
        assert shown.requests < (1000 if name == LATE else 500), (name, shown)
    assert found.every == 3600.0
    assert found.layout.kinds == ("zone",)


def test_shares_of_fields_are_counted_over_requests() -> None:
    """Speed is unknown in two hours of twenty-four, and grey skies repeat."""
    found = reference()
    speed, rain = found.missing["speed"], found.missing["rain"]
    assert abs(speed.count / speed.requests - 2 / 24) < 4 * np.sqrt(2 / 24 / speed.requests)
    assert rain.count == 0
    queue, sky = found.repeats["queue"], found.repeats["sky"]
    assert queue.count / queue.requests < 0.01
    assert sky.count / sky.requests > 0.2


def test_few_requests_teach_nothing_and_say_how_many_it_takes() -> None:
    own = table()
    few = np.cumsum(own.train) <= 300 * 4
    few_rows = type(own)(**{**vars_of(own), "train": own.train & few})
    found = learn(few_rows)
    assert found is not None
    assert found.shown == {}
    why = f"300 requests in training: it takes {LEAST_TRAINED} to learn how they go together"
    assert found.unlearnt == dict.fromkeys((JOINT, OWN, LATE, CHANGE), why)
    assert found.missing["rain"].requests > 300


def test_a_ranker_without_context_has_nothing_to_learn() -> None:
    own = table()
    features = own.declaration.features.model_copy(update={"context": ()})
    declared = own.declaration.model_copy(update={"features": features})
    assert learn(type(own)(**{**vars_of(own), "declaration": declared})) is None


def vars_of(own: object) -> dict[str, object]:
    """The fields of a table, without what it has worked out."""
    return {name: getattr(own, name) for name in own.__dataclass_fields__}  # type: ignore[attr-defined]
