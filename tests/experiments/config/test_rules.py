"""Rules over the whole file: names and salts are used once, layers don't overlap, one layer ranks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.config.live import Live
from experiments.config.problems import shown
from experiments.config.rules import _overlapping, broken
from tests.experiments.files import live

LAYER = """\
  - name: colours
    salt: layer-2
    experiments:
      - name: colour
        unit: viewer
        hash: growthbook-v2
        salt: colour-1
        variants: [{name: red, weight: 0.5}, {name: blue, weight: 0.5}]
"""


def changed(**parts: object) -> Live:
    """The file of two layers, its shape checked but not its rules, with parts of it replaced."""
    body = live(tail=LAYER).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for path, value in parts.items():
        *way, last = path.split("__")
        place = body
        for step in way:
            place = place[int(step)] if step.isdigit() else place[step]
        place[last] = value
    return Live.model_validate(body)


def test_a_sound_file_breaks_no_rule() -> None:
    """Otherwise the others prove nothing."""
    assert list(broken(changed())) == []


@pytest.mark.parametrize(
    ("parts", "path", "rule"),
    [
        ({"layers__1__name": "ranking"}, "layers[1].name", "is the name of another layer as well"),
        ({"layers__1__experiments__0__name": "challenger"}, "layers[1].experiments[0].name",
         "is the name of another experiment or holdout as well"),
        ({"holdout": {"name": "colour", "share": 0.1, "salt": "h"}}, "holdout.name", "a name is used once"),
        ({"layers__1__salt": "layer-1"}, "layers[1].salt", "is layers[0].salt too; splits that share a salt"),
        ({"exploration": {"share": 0.1, "salt": "colour-1"}}, "layers[1].experiments[0].salt",
         "is exploration.salt too"),
        ({"exploration": {"share": 0.1, "salt": "e", "policy": "top-k"}}, "exploration.policy",
         "needs 'top' beside it"),
        ({"exploration": {"share": 0.1, "salt": "e", "temperature": 1.0}}, "exploration.temperature",
         "means nothing to the policy 'uniform'; it belongs to plackett-luce"),
        ({"metrics__fallback": {"of": "fallback", "quantile": 0.9}}, "metrics.fallback.quantile",
         "is of a figure that is 0 or 1; its share is the metric"),
        ({"metrics__ndcg_10": {"of": "ndcg", "quantile": 0.9, "winsorise": 0.99}},
         "metrics.ndcg_10.winsorise", "means nothing beside a quantile"),
        ({"record": {"depth": 9}}, "record.depth", "is too few: the metric 'ndcg_10' looks at 10 positions"),
        ({"holdout": {"share": 0.12345, "salt": "h"}}, "holdout.share", "is finer than 1/10000"),
        ({"layers__1__experiments__0__variants": [
            {"name": "red", "weight": 0.5, "model": "7"}, {"name": "blue", "weight": 0.5}]}, "layers[1]",
         "names models, and so does layer 'ranking'; one model ranks an answer"),
    ],
)  # fmt: skip
def test_rules_of_the_file(parts: dict[str, object], path: str, rule: str) -> None:
    """Each broken rule alone, at its place."""
    (found,) = broken(changed(**parts))
    assert shown(found.path) == path
    assert rule in found.rule


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), max_size=12))
def test_ranges_that_overlap_are_those_that_meet_another(pairs: list[tuple[int, int]]) -> None:
    ranges = [(low / 40, (low + length) / 40) for low, length in pairs]
    wanted = [
        i
        for i, (low, high) in enumerate(ranges)
        if any(i != k and low < other[1] and other[0] < high for k, other in enumerate(ranges))
    ]
    assert _overlapping(ranges) == wanted
