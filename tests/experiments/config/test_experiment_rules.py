"""Rules of one experiment: shares, exposure, dates, rollout, metrics, targeting, overrides."""

import pytest

from experiments.config.broken_rule import Broken
from experiments.config.experiment_rules import broken_in
from experiments.config.live import Live
from experiments.config.problems import shown
from tests.experiments.files import live


def changed(**parts: object) -> list[Broken]:
    """The rules that the small file's experiment breaks with some of its keys replaced."""
    body = live().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    body["layers"][0]["experiments"][0].update(parts)
    found = Live.model_validate(body)
    return list(broken_in(found, found.experiments[0], ("e",)))


HALVES = [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]
DAYS = {"start": "2026-01-02", "end": "2026-01-05"}


def test_a_sound_experiment_breaks_no_rule() -> None:
    """Otherwise the others prove nothing."""
    assert changed() == []
    assert (
        changed(variants=[{"name": "a", "ranges": [[0, 0.1]]}, {"name": "b", "ranges": [[0.1, 0.2]]}]) == []
    )


@pytest.mark.parametrize(
    ("parts", "path", "rule"),
    [
        ({"unit": "sesion"}, "e.unit",
         "is neither the file's unit nor a declared attribute; did you mean 'session'?"),
        ({"unit": "returning"}, "e.unit", "is neither the file's unit nor a declared attribute"),
        ({"variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.4}]}, "e.variants",
         "has weights that sum to 0.9; they must sum to 1"),
        ({"variants": [{"name": "a", "ranges": [[0, 0.6]]}, {"name": "b",
         "ranges": [[0.5, 1]]}]}, "e.variants",
         "of 'b' overlaps [0.0, 0.6] of 'a'; a unit has one variant"),
        ({"variants": [{"name": "a", "weight": 1}, {"name": "b", "ranges": [[0.5, 1]]}]}, "e.variants",
         "mixes weights with ranges; give all variants the same"),
        ({"variants": [{"name": "a"}, {"name": "b", "ranges": [[0, 1]]}]}, "e.variants[0]",
         "needs either a weight or ranges"),
        ({"variants": HALVES, "exposure": "differing"}, "e.exposure", "needs variants that name models"),
        ({"mode": "interleave", "variants": [{"name": "a", "model": "7"}, {"name": "b"}]}, "e.variants",
         "interleaves: it needs two variants that name a model each"),
        ({"mode": "interleave", "variants": [{"name": "a", "model": "7"}, {"name": "b", "model": "8"}],
          "exposure": "differing"}, "e.exposure", "means nothing where both rankers are interleaved"),
        ({"start": "2026-01-02", "end": "2026-01-02"}, "e.end",
         "ends before it starts; end must be after start"),
        ({"looks": 0.1}, "e.looks", "shares the error between looks and a planned end"),
        ({"ramp": [{"at": "2026-01-02", "share": 0.5}, {"at": "2026-01-02", "share": 0.6}]}, "e.ramp[1]",
         "begins no later than the step before it"),
        ({"ramp": [{"at": "2026-01-02", "share": 0.5}, {"at": "2026-01-03", "share": 0.4}]}, "e.ramp[1]",
         "opens less than the step before it"),
        ({**DAYS, "ramp": [{"at": "2026-01-05", "share": 0.5}]}, "e.ramp[0]",
         "lies outside the experiment's start and end"),
        ({"rollout": {"steps": [0.5, 0.1], "hold": "1d"}}, "e.rollout.steps",
         "must grow from step to step, and begin above 0"),
        ({"rollout": {"steps": [0.0, 0.1], "hold": "1d"}}, "e.rollout.steps", "and begin above 0"),
        ({"rollout": {"steps": [0.1], "hold": "1d"}, "primary": None}, "e.rollout", "needs a primary metric"),
        ({"rollout": {"steps": [0.1], "hold": "1d"}, "ramp": [{"at": "2026-01-02", "share": 1}]}, "e.rollout",
         "has a ramp as well; give either times or a rollout"),
        ({"primary": "ndcg"}, "e.primary", "is not a metric of this file; did you mean 'ndcg_10'?"),
        ({"guardrails": ["ndcg_10"]}, "e.guardrails[0]", "is named twice among primary and guardrails"),
        ({"targeting": {"airprt": {"eq": "JFK"}}}, "e.targeting.airprt",
         "is not declared in 'attributes'; did you mean 'airport'?"),
        ({"targeting": {"airport": {}}}, "e.targeting.airport",
         "has no operator; the operators are eq, ne, in"),
        ({"targeting": {"airport": {"gt": 3}}}, "e.targeting.airport.gt",
         "orders numbers, and 'airport' is declared a string"),
        ({"targeting": {"hour": {"eq": "7"}}}, "e.targeting.hour.eq",
         "is not a number, which 'hour' is declared to be"),
        ({"targeting": {"returning": {"in": []}}}, "e.targeting.returning.in", "is an empty list"),
        ({"overrides": {"viewer-1": "chalenger"}}, "e.overrides.viewer-1",
         "is not a variant; did you mean 'challenger'?"),
    ],
)  # fmt: skip
def test_rules_of_an_experiment(parts: dict[str, object], path: str, rule: str) -> None:
    """Each broken rule alone, at its place."""
    (found,) = changed(**parts)
    assert shown(found.path) == path
    assert rule in found.rule
