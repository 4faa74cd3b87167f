"""Which column comes from where, and a request's context as bytes."""

from pathlib import Path

import numpy as np
import pytest

from models.engine.cityhash import category_hashes
from models.engine.layout import Layout
from models.engine.protocol import EngineError
from models.engine.trees import Forest
from models.features import FeatureSpec
from tests.models.engine.engines import forest_of, random_table, train

NAMES = ("n0", "n1", "n2", "c0", "c1")
SPEC = FeatureSpec(("n0", "n1"), ("c0",), ("n2",), ("c1",), (), NAMES)


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Forest:
    """Of three numbers and two categories, which are compared, not counted."""
    table = random_table(31, 400, 3, 2)
    model = train(table, iterations=30, depth=5, one_hot_max_size=20)
    return forest_of(model, tmp_path_factory.mktemp("layout"))


def test_every_column_has_a_place_by_its_origin(forest: Forest) -> None:
    """Items first, filled up to a multiple of eight, then the context; each split finds its column."""
    layout = Layout.of(forest, SPEC)
    names = [NAMES[column.feature] for column in forest.columns]
    assert {names[at] for at in layout.item.columns} == {"n0", "n1", "c0"}
    assert {names[at] for at in layout.context.columns} == {"n2", "c1"}
    assert (layout.crossed.size, layout.counted) == (0, ())
    assert layout.width % 8 == 0
    assert layout.item.size <= layout.width < layout.item.size + 8
    tile = [*layout.item.columns, *[-1] * (layout.width - layout.item.size), *layout.context.columns]
    used = forest.threshold.ravel() < 255
    asked = np.array(tile)[layout.places[used].astype(int)]
    np.testing.assert_array_equal(asked, forest.column.ravel()[used])
    np.testing.assert_array_equal(layout.thresholds, forest.threshold.ravel())


def test_crossed_features_are_a_group_of_their_own(forest: Forest) -> None:
    """Last in the tile, numbers only."""
    spec = FeatureSpec(("n0",), ("c0", "c1"), (), (), ("n1", "n2"), NAMES)
    layout = Layout.of(forest, spec)
    assert {NAMES[forest.columns[at].feature] for at in layout.crossed.columns} == {"n1", "n2"}
    assert set(layout.crossed.sources.tolist()) == {0, 1}
    assert layout.context.size == 0


def test_a_context_is_compared_with_the_borders(forest: Forest) -> None:
    """A number counts the borders below it; a category is 1 where it is the one that is asked for."""
    layout = Layout.of(forest, SPEC)
    row = np.zeros(layout.context.size, np.uint8)
    layout.context_row(np.array([0.3], np.float32), category_hashes(["red"]), row)
    columns = [forest.columns[at] for at in layout.context.columns]
    wanted = [
        int((column.borders < 0.3).sum())
        if column.category is None
        else int(column.category == category_hashes(["red"])[0])
        for column in columns
    ]
    assert row.tolist() == wanted
    assert max(wanted) > 0


def test_features_of_another_declaration_are_refused(forest: Forest) -> None:
    """Too few of them, or of another kind."""
    with pytest.raises(EngineError, match=r"the model asks for feature \d: 2 are declared"):
        Layout.of(forest, FeatureSpec(("n0", "n1"), (), (), (), (), ("n0", "n1")))
    turned = FeatureSpec(("c0", "n1"), ("n0",), ("n2",), ("c1",), (), NAMES)
    with pytest.raises(EngineError, match="feature c0 is categorical in one of model and declaration"):
        Layout.of(forest, turned)


def test_a_statistic_is_where_its_features_are(tmp_path: Path) -> None:
    """In the items' table, in a context's row, or looked up for every row of a request."""
    table = random_table(32, 300, 1, 2)
    counted = forest_of(train(table, iterations=10, depth=4, max_ctr_complexity=2), tmp_path)
    names = ("n0", "c0", "c1")
    layout = Layout.of(counted, FeatureSpec(("n0",), ("c0", "c1"), (), (), (), names))
    assert len(layout.counted) == sum(column.statistic is not None for column in counted.columns) > 0
    assert (layout.looked_up.size, layout.joint.size) == (0, 0)
    divided = Layout.of(counted, FeatureSpec(("n0",), ("c0",), (), ("c1",), (), names))
    for of, wanted in (
        (divided.counted, {"c0", "n0"}),
        (divided.looked_up.columns, {"c1"}),
        (divided.joint.columns, {"c1", "n0"}),
    ):
        asked = [counted.columns[at].statistic for at in of]
        features = [counted.statistics[at].projection.features for at in asked if at is not None]
        assert {names[each] for own in features for each in own} == wanted
