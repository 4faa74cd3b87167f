"""The scores of a decision worked out again, by the version and snapshot that served, and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bentos.home.state import Home
from bentos.offline.explanation.parts import Contribution, ExplainedItem, Proof
from bentos.offline.rescoring import Logged, Rescorer, Versioned
from models.catalogue.catalogue import CatalogueError
from models.declaration.declaration import Declaration
from models.engine import EngineError
from models.engine.contributions import Contributions, contributions
from models.features import ContextError, CrossError, own_context
from models.package import MODEL, PackageError, read_declaration
from monitoring.log.record import Decision
from monitoring.log.request import LoggedRequest
from monitoring.log.version_name import VersionName

Floats = NDArray[np.float64]
CANT = (CatalogueError, EngineError, ContextError, CrossError, PackageError)


class Worked(NamedTuple):
    """Scores of all candidates by the model itself, float64 (n) with NaN for unknown; None: see `proof`."""

    own: Floats | None
    again: Floats | None  # of the slate, after the record's correction
    proof: Proof
    version: Versioned | None


def worked_out(home: Home, decision: Decision) -> Worked:
    """The scores as they come out now."""
    if decision.fallback is not None and not _any_score(decision):
        why = f"no version put these items in order: {decision.fallback}"
        return Worked(None, None, Proof(same=None, sentence=why), None)
    package = home.version(VersionName.parse(decision.model).number)
    logged = _logged(decision)
    try:
        rescorer = Rescorer(home, package)
        rescored, version = rescorer.score(logged), rescorer.on(decision.snapshot)
        own = version.score(version.catalogue.rows(logged.candidates), decision.context)
    except CANT as error:
        return Worked(None, None, Proof(same=None, sentence=f"can't be worked out again: {error}"), None)
    return Worked(own, rescored.served, _proof(decision, rescored.same), version)


def _any_score(decision: Decision) -> bool:
    return bool(np.isfinite(_numbers(decision.scores)).any())


def _proof(decision: Decision, same: bool) -> Proof:
    if same:
        sentence = (
            f"{decision.model} on snapshot {decision.snapshot} gives the served scores, to the last bit"
        )
        return Proof(same=True, sentence=sentence)
    why = (
        "its correction is gone or another"
        if decision.correction
        else "package or snapshot are not what served"
    )
    return Proof(same=False, sentence=f"other scores come out than were served: {why}")


def _logged(decision: Decision) -> Logged:
    return Logged(
        decision.snapshot,
        decision.context,
        list(decision.candidates),
        np.asarray(decision.slate, np.int64),
        _numbers(decision.scores),
        decision.correction,
    )


def _numbers(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)  # None becomes NaN


def explained_items(
    home: Home, found: LoggedRequest, worked: Worked, shown: Sequence[int]
) -> list[ExplainedItem]:
    """The items at these positions of the slate (from 0), with what their features add."""
    decision = found.decision
    adds = _added(home, decision, worked, shown)
    places = _places(worked.own)
    scores, propensities = _numbers(decision.scores), _numbers(decision.propensities)
    candidates, slate = list(decision.candidates), list(decision.slate)
    told: dict[str, list[tuple[float, float]]] = {}
    for outcome in found.outcomes:
        told.setdefault(str(outcome.item), []).append((outcome.value, outcome.time))
    return [
        ExplainedItem(
            item=candidates[slate[place]],
            position=place + 1,
            by_score=places.get(slate[place]),
            score=_plain(scores[place]),
            again=None if worked.again is None else _plain(worked.again[place]),
            propensity=_plain(propensities[place]),
            outcomes=told.get(str(candidates[slate[place]]), []),
            base=adds[place][0] if place in adds else None,
            contributions=adds[place][1] if place in adds else [],
        )
        for place in shown
    ]


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _places(own: Floats | None) -> dict[int, int]:
    """Candidate → its place by the model's own scores, from 1; equal scores stand as they were sent."""
    if own is None:
        return {}
    order = np.argsort(-own, kind="stable")
    return {int(each): place + 1 for place, each in enumerate(order) if np.isfinite(own[each])}


def _added(
    home: Home, decision: Decision, worked: Worked, shown: Sequence[int]
) -> dict[int, tuple[float, list[Contribution]]]:
    """Position → the model's base, and what each feature adds, the most first."""
    if worked.version is None:
        return {}
    engine, catalogue = worked.version
    rows = catalogue.rows([list(decision.candidates)[list(decision.slate)[place]] for place in shown])
    known = np.flatnonzero(rows >= 0)
    if not known.size:
        return {}
    package = home.version(VersionName.parse(decision.model).number)
    columns = engine.features(rows[known], own_context(engine.spec, decision.context))
    try:
        found = contributions(package / MODEL, columns, engine.spec.categorical)
    except EngineError:
        return {}
    names = _names(read_declaration(package))
    return {
        shown[at]: (found.base, _listed(columns, found, row, names)) for row, at in enumerate(known.tolist())
    }


def _names(declaration: Declaration) -> Mapping[str, str]:
    return declaration.features.means


def _listed(
    columns: Mapping[str, NDArray[Any]], found: Contributions, row: int, means: Mapping[str, str]
) -> list[Contribution]:
    order = np.argsort(-np.abs(found.values[row]), kind="stable")
    names = list(columns)
    return [
        Contribution(
            feature=names[at],
            means=means.get(names[at], ""),
            value=_value(columns[names[at]][row]),
            adds=float(found.values[row, at]),
        )
        for at in order.tolist()
    ]


def _value(value: Any) -> float | str | None:
    """A number, None where it is missing; or a category."""
    return str(value) if isinstance(value, str) else _plain(value)
