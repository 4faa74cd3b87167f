"""`ballast register`: a package, and a registry that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.environment import ROOT
from bentos.home.state import Home
from models.declaration.declaration import read
from models.package import PackageError
from models.registry import RegistryUnavailable
from tests.bentos.commands.running import mistake
from tests.models.test_package import whole

FLIGHTS = ROOT / "models" / "ranker.toml"


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_folder_that_is_no_package_is_refused(empty: Home, tmp_path: Path, name: str) -> None:
    error = mistake("register", tmp_path / name)
    assert isinstance(error, PackageError)
    assert "manifest.json" in str(error)


def test_without_a_registry_it_says_what_to_run_later(empty: Home, tmp_path: Path) -> None:
    """With the alias that was asked for."""
    package = tmp_path / "package"
    package.mkdir()
    whole(package)
    (package / "declaration.json").write_text(read(FLIGHTS).to_json())
    (package / "evaluation.json").write_text("{}")
    error = mistake("register", package, "--alias", "challenger")
    assert isinstance(error, RegistryUnavailable)
    assert f"then run: ballast register {package} --alias challenger" in str(error)
    assert "--alias" not in str(mistake("register", package))
