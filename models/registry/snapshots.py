"""Catalogue snapshots beside the versions that were trained on them: kept once per content, so many at most.

Each is a finished MLflow run of the ranker's experiment, tagged with the snapshot's id. Nothing that comes
from there is used before its names, its size and its digest are what they must be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.registry.errors import NotRegistered, RegistryError
from models.registry.fetch import check_place
from monitoring.errors import UserError

Prove = Callable[[Path], str]
"""A folder → the id of the snapshot in it, when every byte is proven. Raises UserError otherwise."""

TAG = "ballast.catalogue"  # of a run: the id of the snapshot that it holds
FOLDER = "catalogue"  # below the run's artifacts
NAMES = {"meta.json", "numeric.npy", "codes.npy", "ids.npy", "offsets.npy", "index.npy"}


@dataclass(frozen=True)
class Snapshots:
    """One ranker's, by an MLflow client; none of more than `most` bytes is sent or fetched."""

    client: Any
    ranker: str
    most: int

    def send(self, folder: Path) -> bool:
        """Upload a snapshot unless it is there already; whether it was uploaded. Raises RegistryError."""
        if self._runs(folder.name):
            return False
        files = [folder / name for name in sorted(NAMES) if (folder / name).is_file()]
        self._must_fit(folder.name, sum(path.stat().st_size for path in files))
        made = self.client.create_run(
            self._experiment(), run_name=f"catalogue {folder.name}", tags={TAG: folder.name}
        )
        run = made.info.run_id
        try:
            for path in files:
                self.client.log_artifact(run, str(path), FOLDER)
        except BaseException:
            self.client.set_terminated(run, "FAILED")
            raise
        self.client.set_terminated(run, "FINISHED")  # only what is finished counts
        return True

    def fetch(self, snapshot: str, root: Path, prove: Prove) -> None:
        """Put a snapshot into the folder `root`, where it appears whole and proven or not at all.

        Raises NotRegistered where there is none, RegistryError where it is too large, holds files that no
        snapshot has, or is not what its name says.
        """
        from mlflow.artifacts import download_artifacts

        runs = self._runs(snapshot)
        if not runs:
            raise NotRegistered(f"{self.ranker} has no snapshot {snapshot} of the catalogue in the registry")
        check_place(runs[0].info.artifact_uri, self.client.tracking_uri)
        run = runs[0].info.run_id
        listed = self.client.list_artifacts(run, FOLDER)
        strange = sorted(each.path for each in listed if each.path.removeprefix(f"{FOLDER}/") not in NAMES)
        if strange:
            raise RegistryError(
                f"snapshot {snapshot} in the registry has {strange[0]}, which no snapshot has"
            )
        self._must_fit(snapshot, sum(each.file_size or 0 for each in listed))
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".draft-") as beside:
            draft = Path(beside) / FOLDER
            draft.mkdir()
            for each in listed:
                where = {"dst_path": beside, "tracking_uri": self.client.tracking_uri}
                found = Path(download_artifacts(run_id=run, artifact_path=each.path, **where))
                found.replace(draft / found.name)
            _publish(draft, root / snapshot, prove)

    def retire(self, keep: int, used: Collection[str]) -> list[str]:
        """Delete all but the newest `keep` snapshots, and those that are `used`; the ids of what went."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        gone = [run for run in self._runs()[keep:] if run.data.tags[TAG] not in used]
        for run in gone:
            self.client.delete_run(run.info.run_id)  # first: what is listed is whole
            place = get_artifact_repository(run.info.artifact_uri, tracking_uri=self.client.tracking_uri)
            place.delete_artifacts()
        return [run.data.tags[TAG] for run in gone]

    def _runs(self, snapshot: str | None = None) -> list[Any]:
        """Finished runs that hold a snapshot (this one), newest first."""
        found = self.client.get_experiment_by_name(self.ranker)
        if found is None:
            return []
        wanted = f"= '{snapshot}'" if snapshot else "!= ''"
        query = f"attributes.status = 'FINISHED' and tags.`{TAG}` {wanted}"
        newest = ["attributes.start_time DESC"]
        return list(self.client.search_runs([found.experiment_id], query, order_by=newest))

    def _experiment(self) -> str:
        found = self.client.get_experiment_by_name(self.ranker)
        return str(found.experiment_id if found else self.client.create_experiment(self.ranker))

    def _must_fit(self, snapshot: str, size: int) -> None:
        if size > self.most:
            raise RegistryError(
                f"snapshot {snapshot} of the catalogue has {size / 1e6:,.2f} MB: BALLAST_SNAPSHOT_MB lets "
                f"{self.most / 1e6:,.2f} MB through"
            )


def _publish(draft: Path, target: Path, prove: Prove) -> None:
    """Let it appear once every byte is proven: arrays, digest, index, and that its digest is its name."""
    try:
        found = prove(draft)
    except (UserError, OSError, LookupError, TypeError, ValueError) as error:
        raise RegistryError(f"snapshot {target.name} in the registry is none: {error}") from error
    if found != target.name:
        raise RegistryError(f"snapshot {target.name} in the registry is {found}")
    for path in draft.iterdir():
        path.chmod(0o444)
    if not target.is_dir():
        draft.rename(target)
