"""One MLflow server, as Ballast uses it: versions, aliases, tags, packages."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from models.registry.errors import NotRegistered, translated
from models.registry.facts import DIGEST_TAG, LOGGED_DIGEST, SNAPSHOT_TAG
from models.registry.fetch import fetch
from models.registry.snapshots import Prove, Snapshots
from models.registry.upload import log_package
from monitoring.credentials import for_mlflow

_TAG_LIMIT = 5000  # characters: MLflow's limit for the value of a version's tag
_MODEL = re.compile(r"models:/(m-\w+)")  # address of a logged model
_UPLOAD_TIMEOUT = 60  # seconds: a package is some MB, and whoever logs one can wait


@dataclass(frozen=True)
class RegisteredVersion:
    """One registered version: `created` in unix seconds, `aliases` without "@", `tags` as MLflow has them."""

    ranker: str
    number: str
    created: float
    tags: Mapping[str, str]
    aliases: tuple[str, ...]
    run_id: str
    source: str


class Registry:
    """An MLflow server at `uri`.

    Every method raises RegistryUnavailable when the server is down: at once when it refuses connections,
    within 2 x `timeout` seconds when it hangs. NotRegistered and RegistryError are the other ways to fail.
    """

    def __init__(self, uri: str, timeout: int = 2) -> None:
        self.uri = for_mlflow(uri)  # what is shown has no password
        self._timeout = timeout

    @cached_property
    def _client(self) -> Any:
        """MLflow's client, made at the first call: the import takes 4 s."""
        from mlflow import MlflowClient
        from mlflow.environment_variables import (
            MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
            MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT,
        )

        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
        MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT.set(True)
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # RegistryUnavailable says it
        return MlflowClient(self.uri, registry_uri=self.uri)

    def aliases(self, ranker: str) -> dict[str, str]:
        """Alias (without "@") to version number; empty while the ranker is not registered. One REST call."""
        try:
            with self._calls():
                found: Mapping[str, Any] = self._client.get_registered_model(ranker).aliases
        except NotRegistered:
            return {}
        return {alias: str(version) for alias, version in found.items()}

    def set_alias(self, ranker: str, alias: str, version: str) -> None:
        """Point an alias (without "@") at a version."""
        with self._calls():
            self._client.get_model_version(ranker, version)  # MLflow itself takes versions that do not exist
            self._client.set_registered_model_alias(ranker, alias, version)

    def delete_alias(self, ranker: str, alias: str) -> None:
        """Remove an alias; nothing happens when there is none."""
        with self._calls():
            self._client.delete_registered_model_alias(ranker, alias)

    def version(self, ranker: str, number: str) -> RegisteredVersion:
        """One version, with tags and aliases."""
        with self._calls():
            return _version(self._client.get_model_version(ranker, number))

    def versions(self, ranker: str) -> list[RegisteredVersion]:
        """All versions of a ranker with their tags, newest first; empty while it is not registered."""
        with self._calls():
            found = self._client.search_model_versions(f"name = '{ranker}'", max_results=10_000)
        aliases = self.aliases(ranker) if found else {}
        named = [_version(each, aliases) for each in found]
        return sorted(named, key=lambda each: int(each.number), reverse=True)

    def set_tags(self, ranker: str, number: str, tags: Mapping[str, str]) -> None:
        """Set tags on a version; a value longer than MLflow takes (5,000 characters) is cut."""
        with self._calls():
            for key, value in tags.items():
                cut = value if len(value) <= _TAG_LIMIT else f"{value[: _TAG_LIMIT - 1]}…"
                self._client.set_model_version_tag(ranker, number, key, cut)

    def attach(self, ranker: str, number: str, file: Path, folder: str) -> None:
        """Log a file beside a version's artifacts: in its model's folder, else in its run's."""
        found = self.version(ranker, number)
        model = _MODEL.fullmatch(found.source)
        with self._calls(_UPLOAD_TIMEOUT):
            if model:
                self._client.log_model_artifact(model[1], str(file), folder)
            elif found.run_id:
                self._client.log_artifact(found.run_id, str(file), folder)

    def download(self, ranker: str, number: str, folder: Path) -> RegisteredVersion:
        """Download a version's artifacts to `folder`, which appears complete or not at all.

        A folder that is there already is replaced. Only files of a package come; what else was registered
        with the version is named in `.refused`. What training logged as the manifest's digest is written
        beside the files, as `.logged_digest` ("" where the version was not registered by Ballast).
        """
        found = self.version(ranker, number)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            package = Path(beside) / "package"
            self._fetch(ranker, number, package)
            (package / LOGGED_DIGEST).write_text(found.tags.get(DIGEST_TAG, ""))
            for path in package.rglob("*"):
                if path.is_file():
                    path.chmod(0o444)  # what was judged is what serves
            if folder.is_symlink() or folder.exists():
                folder.rename(Path(beside) / "replaced")
            package.rename(folder)
        return found

    def _fetch(self, ranker: str, number: str, package: Path) -> None:
        with self._calls(_UPLOAD_TIMEOUT):
            location = self._location(self._client.get_model_version_download_uri(ranker, number))
            fetch(location, self.uri, package)

    def _location(self, uri: str) -> str:
        """Where files are; MLflow itself would look a `models:/` address up in its global registry."""
        model = _MODEL.fullmatch(uri)
        return self._client.get_logged_model(model[1]).artifact_location if model else uri

    def log_version(self, package: Path, on_step: Callable[[str], None] = lambda _: None) -> str:
        """Register a package that training wrote, and return the new version's number.

        One run with parameters, metrics, pictures and the data as MLflow dataset; one logged model whose own
        folder holds the whole package, with signature and input example; one version pointing at it, made
        last, so that there is never an incomplete one. `on_step` is told what is being done.
        """
        with self._calls(_UPLOAD_TIMEOUT):
            return log_package(self._client, package, on_step)

    def log_snapshot(self, ranker: str, folder: Path, most: int, keep: int) -> bool:
        """Upload a catalogue snapshot unless it is there already; then retire all but the newest `keep`.

        Those of versions that have an alias stay. `most` bounds its size in bytes. Says whether it was sent.
        """
        with self._calls(_UPLOAD_TIMEOUT):
            new = Snapshots(self._client, ranker, most).send(folder)
        if new:
            named = [self.version(ranker, number) for number in set(self.aliases(ranker).values())]
            used = {folder.name, *(each.tags.get(SNAPSHOT_TAG, "") for each in named)}
            with self._calls(_UPLOAD_TIMEOUT):
                Snapshots(self._client, ranker, most).retire(keep, used)
        return new

    def download_snapshot(self, ranker: str, snapshot: str, root: Path, most: int, prove: Prove) -> None:
        """Put a catalogue snapshot of at most `most` bytes below `root`: whole and proven, or not."""
        with self._calls(_UPLOAD_TIMEOUT):
            Snapshots(self._client, ranker, most).fetch(snapshot, root, prove)

    @contextmanager
    def _calls(self, timeout: int | None = None) -> Iterator[None]:
        from mlflow.environment_variables import (
            MLFLOW_HTTP_REQUEST_MAX_RETRIES,
            MLFLOW_HTTP_REQUEST_TIMEOUT,
        )

        # MLflow has no argument for either; its defaults retry for minutes.
        MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(1)
        MLFLOW_HTTP_REQUEST_TIMEOUT.set(timeout or self._timeout)
        with translated(self.uri):
            yield


def _version(found: Any, aliases: Mapping[str, str] | None = None) -> RegisteredVersion:
    number = str(found.version)
    named = tuple(found.aliases) if aliases is None else tuple(a for a, v in aliases.items() if v == number)
    return RegisteredVersion(
        ranker=found.name,
        number=number,
        created=found.creation_timestamp / 1000,
        tags=dict(found.tags),
        aliases=named,
        run_id=found.run_id or "",
        source=found.source or "",
    )
