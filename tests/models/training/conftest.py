"""Trained once for all tests of training."""

from __future__ import annotations

import pytest

from models.training.train import train
from tests.models.tables import declared
from tests.models.training.trained import Trained


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    home, trees = tmp_path_factory.mktemp("home"), []
    declaration = declared(home)
    result = train(declaration, home, on_progress=lambda done, total: trees.append((done, total)))
    return Trained(declaration, home, result, trees)
