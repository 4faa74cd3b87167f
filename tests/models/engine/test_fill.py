"""Items as rows of bytes."""

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.engine import load_engine
from models.engine.cityhash import category_hashes
from models.engine.fast import KernelEngine
from models.engine.trees import SplitColumn
from tests.models.engine.engines import open_catalogue, random_table, some_items, train, write_package


@pytest.fixture(scope="module", params=[20, 2], ids=["compared", "counted"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> KernelEngine:
    """A model whose categories are compared, and one that counts them."""
    folder = tmp_path_factory.mktemp("fill")
    table = random_table(41, 300, 2, 2, missing=0.1)
    model = train(table, iterations=15, depth=4, one_hot_max_size=request.param, nan_mode="Max")
    engine = load_engine(write_package(folder / "package", model, table), open_catalogue(folder, table))
    assert isinstance(engine, KernelEngine), engine.reason
    return engine


def catalogue_of(engine: KernelEngine) -> Catalogue:
    found = engine.inputs.catalogue
    assert isinstance(found, Catalogue)
    return found


def test_a_byte_counts_borders_or_names_a_category(loaded: KernelEngine) -> None:
    """Column by column as the definition says; the padding stays 0."""
    catalogue, layout = catalogue_of(loaded), loaded.walker.layout
    table = loaded.filler.table(catalogue)
    assert table.shape == (300, layout.width)
    assert not table.flags.writeable
    for place, at in enumerate(layout.item.columns):
        np.testing.assert_array_equal(table[:, place], expected(loaded, loaded.walker.forest.columns[at]))
    filled = layout.item.size + len(layout.counted)
    assert (table[:, filled:] == 0).all()


def expected(engine: KernelEngine, column: SplitColumn) -> np.ndarray:
    values = engine.inputs.column(engine.spec.names[column.feature], np.arange(300))
    if column.category is not None:
        return np.asarray(category_hashes(values.tolist()) == column.category)
    above = np.searchsorted(column.borders, values, side="left")
    return np.where(np.isnan(values), column.borders.size if column.nan_is_high else 0, above)


def test_some_items_have_the_rows_of_the_whole_table(loaded: KernelEngine) -> None:
    """As they were fetched for one request, in any order; statistics as well."""
    rows = np.array([7, 299, 0, 7])
    found = loaded.filler.table(some_items(catalogue_of(loaded), rows))
    np.testing.assert_array_equal(found, loaded.table[rows])
    assert loaded.filler.table(some_items(catalogue_of(loaded), rows[:0])).shape == (0, found.shape[1])
