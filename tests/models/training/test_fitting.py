"""What CatBoost refuses is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.declaration.declaration import DeclarationError
from models.training.train import train
from tests.models.tables import declared


def test_a_parameter_that_catboost_refuses_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        DeclarationError, match=r"shop\.toml: ranker\.params: .*'rmss': 1.* is refused by CatBoost"
    ):
        train(declared(tmp_path).with_ranker(params={"rmss": 1}), tmp_path)
    assert not (tmp_path / "shop").exists()
