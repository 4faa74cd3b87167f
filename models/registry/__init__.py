"""The model registry: from a package on disk to an MLflow model version, and back.

Nothing outside this folder imports MLflow, and nothing inside does before a Registry is first asked: the
import takes 4 s and 170 MB, which no process that answers requests should pay.
"""

from models.registry.client import Registry, Version
from models.registry.errors import NotRegistered, RegistryError, RegistryUnavailable

__all__ = ["NotRegistered", "Registry", "RegistryError", "RegistryUnavailable", "Version", "client"]
