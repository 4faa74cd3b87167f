"""A version's files from where MLflow keeps them: those of a package, and nothing else.

Whoever may register a version names its place and what lies there. The place must be the MLflow server's own
store, or an object store; of what lies there only the closed list of `models.package_files` is downloaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from models.package_files import BESIDE, MOST_FILES, REFUSED, odd_name
from models.registry.errors import RegistryError

STORES = frozenset({"mlflow-artifacts", "s3", "r2", "b2", "gs", "wasbs", "abfss", "hdfs", "viewfs", "dbfs"})
DEEPEST = 3  # folders below each other


def fetch(location: str, server: str, folder: Path) -> None:
    """Download what is of a package at `location` into `folder`; write there, as `.refused`, what is not.

    `server` is the MLflow server's address. Raises RegistryError for a place that files are not taken from.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    check_place(location, server)
    store = get_artifact_repository(location, tracking_uri=server)
    folder.mkdir()
    refused: list[str] = []
    for name, size in _listed(store, refused):
        why = odd_name(name, size)
        if why is None:
            store.download_artifacts(name, dst_path=str(folder))
        elif not BESIDE.fullmatch(name):
            refused.append(why)
    if refused:
        (folder / REFUSED).write_text("\n".join(each.replace("\n", " ") for each in refused) + "\n")


def check_place(location: str, server: str) -> None:
    """Raises RegistryError for a place that is neither the server's own store nor an object store.

    >>> check_place("mlflow-artifacts:/1/models/m-5/artifacts", "http://10.0.0.2:5000")
    >>> check_place("file:///home/me/.ssh", "http://10.0.0.2:5000")
    Traceback (most recent call last):
    ...
    models.registry.errors.RegistryError: its files lie at file:///home/me/.ssh: they are taken from ...
    """
    place, own = urlsplit(location), urlsplit(server)
    elsewhere = place.scheme == "mlflow-artifacts" and place.hostname not in (None, own.hostname)
    if place.scheme not in STORES or elsewhere or ".." in place.path.split("/"):
        shown = place._replace(netloc=place.netloc.rpartition("@")[2], query="").geturl()
        raise RegistryError(
            f"its files lie at {shown:.200}: they are taken from the MLflow server's own store "
            f"(mlflow-artifacts:/…) and from object stores alone"
        )


def _listed(store: Any, refused: list[str]) -> Iterator[tuple[str, int]]:
    """Path and size of every file; what is too deep or one too many is added to `refused`."""
    found, folders = 0, [""]
    while folders:
        for each in store.list_artifacts(folders.pop() or None):
            found += 1
            if found > MOST_FILES:
                refused.append(f"more than {MOST_FILES} files")
                return
            if not each.is_dir:
                yield each.path, each.file_size or 0
            elif each.path.count("/") + 1 > DEEPEST:
                refused.append(f"{each.path[:200]}/ is no folder of a package")
            else:
                folders.append(each.path)
