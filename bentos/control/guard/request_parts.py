"""What of requests is watched for a champion: by what people declared, and by what its package knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bentos.control.guard.context_fit import NAMES, ContextFit
from bentos.control.guard.context_shares import ContextShares
from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.invariants import InvariantWatch
from bentos.control.guard.quantities import GONE, TOGETHER, Observed, missing_of, repeats_of, unknown_of
from bentos.control.guard.request_watch import RequestPart
from models.contexts.reference import CONTEXTS, read_contexts
from models.declaration.declaration import Declaration
from monitoring.guard.quantity import Quantity

OLD = f"its package has no {CONTEXTS}: it was trained before that was learnt; train a new version"


@dataclass(frozen=True)
class NotLearnt:
    """What can't be watched of a package, by quantity, and why."""

    unwatched: dict[str, str]
    quantities: Sequence[Quantity] = field(default=())

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """Nothing."""
        return {}


def parts_of(package: Path, declared: Declaration, invariants: Iterable[str]) -> list[RequestPart]:
    """The parts for the version in the folder `package`. Raises PackageError for a damaged reference."""
    parts: list[RequestPart] = [InvariantWatch(invariants, declared.spec)]
    if not declared.context:
        return parts
    reference = read_contexts(package)
    if reference is not None:
        return [*parts, ContextShares(reference, declared.spec), ContextFit(reference, declared.spec)]
    fields = [each for name in declared.context for each in (missing_of(name), repeats_of(name))]
    fields += [unknown_of(name) for name in declared.spec.context_categorical]
    return [*parts, NotLearnt(dict.fromkeys([*NAMES.values(), GONE, TOGETHER, *fields], OLD))]
