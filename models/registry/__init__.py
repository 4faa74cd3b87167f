"""The model registry: from a package on disk to an MLflow model version, and back.

Nothing outside this folder imports MLflow, and nothing inside does before a Registry is first asked: the
import takes 4 s and 170 MB, which no process that answers requests should pay.

    client     an MLflow server as Ballast uses it: versions, aliases, tags, downloads
    upload     a package into MLflow: run, data set, logged model, and last the version
    fetch      a version's files, of a closed list, from where MLflow keeps them
    snapshots  catalogue snapshots beside the versions: once per content, so many at most
    server_process  `mlflow server` as one process, which ends with who started it
    facts      parameters and metrics as MLflow shows them, and the two tags of a new version
    errors     what can go wrong, in words of our own
"""

from models.registry.client import RegisteredVersion, Registry
from models.registry.errors import NotRegistered, RegistryError, RegistryUnavailable
from models.registry.facts import LOGGED_DIGEST

__all__ = [
    "LOGGED_DIGEST",
    "NotRegistered",
    "RegisteredVersion",
    "Registry",
    "RegistryError",
    "RegistryUnavailable",
]
