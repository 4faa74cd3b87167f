"""The compiled form says the same as the file, and only meaning changes its digest."""

from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from tests.experiments.files import FULL, live


def test_json_gives_back_the_same_file() -> None:
    """Workers load what the Steward compiled, without the YAML."""
    compiled = live(tail=FULL)
    again = Live.from_json(compiled.to_json())
    assert again == compiled
    assert again.digest == compiled.digest
    assert again.to_json() == compiled.to_json()
    assert compile_plan(again).layers[0].table == compile_plan(compiled).layers[0].table


def test_only_meaning_changes_the_digest() -> None:
    """Comments, layout and defaults written out don't; a weight does."""
    plain = live()
    assert live(("version: 1", "# why\nversion:   1")).digest == plain.digest
    assert live(("        traffic: [[0.0, 1.0]]\n", "")).digest == plain.digest
    assert live(("weight: 0.5}\n        primary", "weight: 0.50}\n        primary")).digest == plain.digest
    assert live(("salt: layer-1", "salt: layer-2")).digest != plain.digest


def test_models_are_those_that_must_be_loaded() -> None:
    """The default first; a stopped experiment needs none."""
    assert live().models == ("@champion", "@challenger")
    assert live(tail="        enabled: false\n").models == ("@champion",)
    assert live(('"@challenger", weight', "12, weight")).models == ("@champion", "12")
