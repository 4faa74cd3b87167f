"""A version's files are taken from MLflow's own store alone, and only those of a package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.registry import Registry, RegistryError
from models.registry.fetch import check_place
from tests.mlflow_server import MlflowServer

pytestmark = pytest.mark.shares("mlflow")
SERVER = "http://10.0.0.2:5000"


@pytest.mark.parametrize(
    "place",
    [
        *("file:///etc", "/etc", "../x", "http://10.0.0.2:5000/x", "https://evil.example/x", "ftp://evil/x"),
        *(
            "mlflow-artifacts://evil.example/x",
            "mlflow-artifacts:/1/../../x",
            "models:/other/1",
            "runs:/abc/x",
        ),
        *("s3://bucket/../other", "", "sftp://me:secret@host/x"),
    ],
)
def test_other_places_are_refused(place: str) -> None:
    with pytest.raises(RegistryError, match=r"they are taken from the MLflow server's own store") as refused:
        check_place(place, SERVER)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "place", ["mlflow-artifacts:/1/m", "mlflow-artifacts://10.0.0.2:5000/1", "s3://bucket/x"]
)
def test_stores_are_taken_from(place: str) -> None:
    check_place(place, SERVER)


def test_what_was_registered_with_a_package_stays_there(
    registry: Registry, package: Path, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    """Code, pickles, folders of folders, more files than anybody wants; their names are told."""
    from mlflow import MlflowClient

    more = Path(shutil.copytree(package, tmp_path / "more", ignore=shutil.ignore_patterns("engine", "plots")))
    for name in ("evil.py", "python_model.pkl", "code/x.py", "a/b/c/d/e.txt", "gate/7.html"):
        (more / name).parent.mkdir(parents=True, exist_ok=True)
        (more / name).write_text("boom")
    client = MlflowClient(mlflow_server.uri)
    run = client.create_run("0").info.run_id
    client.log_artifacts(run, str(more))
    client.create_registered_model("with-more")
    version = client.create_model_version("with-more", client.get_run(run).info.artifact_uri, run).version
    registry.download("with-more", str(version), tmp_path / "1")
    own = {
        path.relative_to(tmp_path / "1").as_posix() for path in (tmp_path / "1").rglob("*") if path.is_file()
    }
    files = {path.name for path in package.iterdir() if path.is_file()}
    assert own == files | {".logged_digest", ".refused"}
    assert {*(tmp_path / "1" / ".refused").read_text().splitlines()} == {
        "evil.py is no file of a package",
        "python_model.pkl is no file of a package",
        "code/x.py is no file of a package",
        "a/b/c/d/ is no folder of a package",
    }
