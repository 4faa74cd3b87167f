"""A package proves itself at every load, or says what differs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from models import package
from models.catalogue.catalogue import Catalogue, write_catalogue
from models.engine import Engine, Halted, load_engine
from models.package import Certified, RawRequest, read_certified, read_manifest
from models.serving.certified import difference
from models.training.train import train
from tests.models.tables import declared


@dataclass(frozen=True)
class Loaded:
    """A package, and it loaded on the snapshot of its training."""

    package: Path
    catalogues: Path
    engine: Engine
    catalogue: Catalogue
    certificate: Certified

    def difference(self, folder: Path | None = None, certificate: Certified | None = None) -> str | None:
        """What `difference` says of a changed package or certificate."""
        own = certificate or self.certificate
        return difference(folder or self.package, own, self.engine, self.catalogue, self.catalogues)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    home = tmp_path_factory.mktemp("certified")
    made = train(declared(home), home).package
    catalogues = home / "shop" / "catalogue"
    catalogue = Catalogue.open(catalogues / read_manifest(made).snapshot)
    return Loaded(made, catalogues, load_engine(made, catalogue), catalogue, read_certified(made))


def test_an_untouched_package_proves_itself(loaded: Loaded) -> None:
    """Every certified score, bit for bit."""
    assert loaded.difference() is None


def test_one_bit_is_told(loaded: Loaded) -> None:
    """How many scores of how many."""
    scores = loaded.certificate.scores.copy()
    scores[0] = np.nextafter(scores[0], np.inf)
    changed = Certified(loaded.certificate.requests, scores)
    assert loaded.difference(certificate=changed) == "1 of 360 certified scores differ from training's"


def test_a_changed_file_is_told(loaded: Loaded, tmp_path: Path) -> None:
    """By the file, before anything is scored."""
    folder = Path(shutil.copytree(loaded.package, tmp_path / "package"))
    (folder / package.EVALUATION).write_text("{}")
    assert "evaluation.json: sha256 " in (loaded.difference(folder) or "")
    (folder / package.MANIFEST).unlink()
    assert "manifest.json: is no manifest of a package" in (loaded.difference(folder) or "")


def test_where_trainings_snapshot_is_gone_the_files_must_do(loaded: Loaded, tmp_path: Path) -> None:
    """The scores of another snapshot's items prove nothing."""
    scores = loaded.certificate.scores + 1
    changed = Certified(loaded.certificate.requests, scores)
    found = difference(loaded.package, changed, loaded.engine, loaded.catalogue, tmp_path)
    assert found is None


def test_on_another_snapshot_the_model_is_loaded_beside_it(loaded: Loaded, tmp_path: Path) -> None:
    """The certificate is of training's snapshot, whatever the version serves now."""
    ids = [f"p{number}" for number in range(5)]
    numbers = {name: np.zeros(5, np.float32) for name in loaded.catalogue.numeric_names}
    words = {name: ["at"] * 5 for name in loaded.catalogue.categorical_names}
    other = Catalogue.open(tmp_path / write_catalogue(tmp_path, ids, numbers, words, 1.0))
    served = Halted("not the engine that proves it")
    found = difference(loaded.package, loaded.certificate, served, other, loaded.catalogues)
    assert found is None


def test_requests_that_can_not_be_scored_are_told(loaded: Loaded) -> None:
    """With how many, and the first reason."""
    requests = [RawRequest((10**6,), {}), *loaded.certificate.requests[1:]]
    found = loaded.difference(certificate=Certified(requests, loaded.certificate.scores)) or ""
    assert found.startswith("1 certified requests can't be scored: row -1 is not in catalogue")
    late = [RawRequest(loaded.certificate.requests[0].items, {"load": "late"})]
    assert "load" in (loaded.difference(certificate=Certified(late, loaded.certificate.scores)) or "")
