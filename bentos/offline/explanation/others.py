"""What the other arms would have answered: their versions at that time, by the same candidates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bentos.home.journal import Event, decisions
from bentos.home.state import Home
from bentos.offline.explanation.parts import OtherOrder
from bentos.offline.explanation.scored import CANT
from bentos.offline.rescoring import on_snapshots
from experiments.config.live import Live, Variant
from monitoring.log.record import ArmRecord, Decision
from monitoring.log.version_name import VersionName

Named = tuple[str, Variant]


def other_orders(home: Home, decision: Decision, live: Live | None, most: int) -> list[OtherOrder]:
    """One for each other variant of the decision's experiments that has a version of its own."""
    versions = _versions(home, decision.epoch)
    made = []
    for experiment, variant in _other_variants(decision, live):
        reference = variant.model or (live.default if live else "")
        number = reference if reference.isdecimal() else versions.get(reference)
        name = str(VersionName(VersionName.parse(decision.model).ranker, number)) if number else reference
        if name != decision.model:
            made.append(_order(home, decision, most, (experiment, variant.name, name)))
    return made


def _other_variants(decision: Decision, live: Live | None) -> Iterator[Named]:
    taken = {arm.experiment: arm.variant for arm in decision.arms if isinstance(arm, ArmRecord)}
    for experiment in () if live is None else live.experiments:
        if experiment.name in taken:
            for variant in experiment.variants:
                if variant.name != taken[experiment.name]:
                    yield experiment.name, variant


def _versions(home: Home, epoch: int) -> dict[str, str]:
    """Reference → the version that it named at an epoch of the state, by the journal."""
    found: dict[str, str] = {}
    for event in decisions(home):
        if event.get("epoch", epoch + 1) > epoch:
            continue
        if event["event"] == Event.PROMOTED:
            found[event["reference"]] = event["version"]
        elif event["event"] == Event.WITHDRAWN:
            found.pop(event["reference"], None)
    return found


def _order(home: Home, decision: Decision, most: int, of: tuple[str, str, str]) -> OtherOrder:
    experiment, variant, model = of
    try:
        if "/" not in model:
            return OtherOrder(
                experiment=experiment, variant=variant, model=model, why_not="no version had that name then"
            )
        version = on_snapshots(home, home.version(VersionName.parse(model).number))(decision.snapshot)
        candidates = list(decision.candidates)
        scores = version.score(version.catalogue.rows(candidates), decision.context)
    except CANT as error:
        return OtherOrder(experiment=experiment, variant=variant, model=model, why_not=str(error))
    order = np.argsort(-scores, kind="stable")[:most]
    items = [candidates[at] for at in order.tolist() if np.isfinite(scores[at])]
    return OtherOrder(experiment=experiment, variant=variant, model=model, items=items)
