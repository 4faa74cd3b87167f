"""The explanation of one decision: its record found, then each part asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bentos.home.live_files import LiveFileError, live_under
from bentos.home.state import Home
from bentos.offline.explanation.assigned import explained_arms
from bentos.offline.explanation.judged import word_on_version
from bentos.offline.explanation.others import other_orders
from bentos.offline.explanation.parts import Explanation, NoSuchItemError
from bentos.offline.explanation.scored import explained_items, worked_out
from experiments.config.live import Live
from monitoring.log.record import Decision, Item
from monitoring.log.request import read_request

SHOWN = 5  # items told with what their features add
OTHERS = 10  # items of another arm's order


def explain(home: Home, request_id: str, items: Sequence[str] = ()) -> Explanation:
    """Why this answer: of its first items, and of `items` besides.

    Raises NoSuchRequestError where the log has no such id, NoSuchItemError.
    """
    found = read_request(home.log, request_id)
    decision, live = found.decision, _live(home, found.decision)
    worked = worked_out(home, decision)
    shown = _shown(decision, items)
    return Explanation(
        request_id=decision.request_id,
        records=found.decisions,
        time=decision.time,
        received=decision.received,
        seconds=decision.seconds,
        unit=decision.unit,
        attributes=decision.attributes,
        context=decision.context,
        model=decision.model,
        snapshot=decision.snapshot,
        epoch=decision.epoch,
        experiments=decision.experiments,
        correction=decision.correction,
        fallback=decision.fallback,
        explored=decision.explored,
        exploration=None if live is None else (live.exploration.share if live.exploration else 0.0),
        candidates=decision.offered or len(_items(decision)),
        unknown=_unknown(decision),
        arms=explained_arms(decision, live),
        version=word_on_version(home, decision),
        proof=worked.proof,
        items=explained_items(home, found, worked, shown),
        others=other_orders(home, decision, live, OTHERS),
    )


def _live(home: Home, decision: Decision) -> Live | None:
    try:
        return live_under(home, decision.experiments)
    except LiveFileError:
        return None


def _items(decision: Decision) -> list[Item]:
    return list(decision.candidates)


def _served(decision: Decision) -> list[Item]:
    candidates = _items(decision)
    return [candidates[at] for at in decision.slate]


def _unknown(decision: Decision) -> list[Item]:
    """Candidates at the end of the answer without a score, where others have one."""
    scores = np.array(decision.scores, dtype=np.float64)
    if decision.fallback is not None or not np.isfinite(scores).any():
        return []
    return [item for item, score in zip(_served(decision), scores, strict=True) if not np.isfinite(score)]


def _shown(decision: Decision, items: Sequence[str]) -> list[int]:
    """Positions from 0: the first ones, and those of `items`."""
    served = {str(item): place for place, item in enumerate(_served(decision))}
    for item in items:
        if item not in served:
            raise NoSuchItemError(
                f"--item {item}: the answer has no such item; it has {len(served):,} others"
            )
    return sorted({*range(min(SHOWN, len(served))), *(served[item] for item in items)})
