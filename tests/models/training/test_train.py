"""From a declaration to a package that proves itself on the serving path."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import package
from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import read
from models.package import PackageError, read_certificate, read_declaration, verify_files
from models.table import dataset
from models.training.train import train
from tests.models.tables import declared
from tests.models.training.trained import Trained, reproduced

RANKERS = Path(__file__).parents[2] / "rankers"


def test_training_counts_its_trees_and_beats_a_random_order(shop: Trained) -> None:
    assert shop.trees == [(tree, 20) for tree in range(1, 21)]
    metrics = shop.result.metrics
    assert metrics["ndcg_10_low"] > metrics["random_ndcg_10_high"]
    # The table's truth orders a request by price alone, so the best single feature is as good as can be.
    assert metrics["best_feature_ndcg_10"] > metrics["random_ndcg_10_high"]


def test_the_package_is_whole_and_says_what_it_is_made_of(shop: Trained) -> None:
    manifest = verify_files(shop.result.package)
    assert manifest.ranker == "shop"
    assert manifest.data_digest == dataset.read(shop.declaration).digest
    assert manifest.snapshot == shop.result.snapshot
    assert set(package.FILES) < set(manifest.files)
    assert "plots/importance.png" in manifest.files
    assert read_declaration(shop.result.package).feature_names == ("price", "age", "load", "country")


def test_the_catalogue_has_every_item_as_it_was_last(shop: Trained) -> None:
    catalogue = Catalogue.open(shop.home / "shop" / "catalogue" / shop.result.snapshot)
    assert catalogue.size == 40
    assert list(catalogue.numeric_names) == ["price", "age"]


def test_training_again_gives_the_same_model_and_an_override_another(shop: Trained, tmp_path: Path) -> None:
    again = train(declared(tmp_path), tmp_path)
    deeper = train(declared(tmp_path).with_ranker(depth=4), tmp_path)
    first, second, third = (read_certificate(each.package).scores for each in (shop.result, again, deeper))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)
    assert again.package.name == shop.result.package.name != deeper.package.name


@pytest.mark.parametrize("name", [*package.FILES])
def test_a_package_that_was_changed_is_not_believed(shop: Trained, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "package"
    shutil.copytree(shop.result.package, folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(PackageError, match=rf"{name}: sha256 [0-9a-f]{{64}} is not the manifest's"):
        verify_files(folder)
    (folder / name).unlink()
    with pytest.raises(PackageError, match=rf"{name}: is missing: the manifest lists it"):
        verify_files(folder)


def test_what_serving_reads_of_a_package_needs_no_slow_library() -> None:
    script = "import sys, models.package, models.features, models.demo.crosses; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not set(loaded.split()) & {"pandas", "pyarrow", "catboost", "sklearn", "scipy", "matplotlib"}


@pytest.mark.parametrize(("name", "metric", "least"), [("ltr", "ndcg_10", 0.74), ("german", "auc", 0.77)])
def test_tables_of_others_are_declared_the_same_way(
    tmp_path: Path, name: str, metric: str, least: float
) -> None:
    declaration = read(RANKERS / f"{name}.toml")
    if not (declaration.folder / declaration.data.source).exists():
        pytest.skip(f"{declaration.data.source}, seen from {RANKERS.name}/, is not on this machine")
    result = train(declaration, tmp_path)
    assert result.metrics[metric] >= least
    assert reproduced(result.package, tmp_path / name / "catalogue") > 200
