"""The slate of an answer: explored, interleaved or as ranked; and marks where all arms serve alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import numpy as np

from bentos.decisions.parts import Asked, Drafted, Made, Ranking, Scored
from bentos.wire.problems import Problem
from bentos.worker.serving import LoadedVersion
from experiments.slates.explore import explore
from experiments.slates.interleave import drafted
from monitoring.log.record import Decision, RankerRecord

Rank = Callable[[Asked], Awaitable[tuple[Scored, Ranking]]]


async def alone(asked: Asked, rank: Rank) -> Made:
    """One version ranks, or in the explored share a draw."""
    return _of_one(asked, *await rank(asked))


async def interleaved(asked: Asked, rank: Rank) -> Made:
    """Team-draft of both versions' orders; scores are the first's, for all items.

    Where one of them is not served, can't score or doesn't score soundly, the other answers alone, the record
    says why, and nobody is credited. Raises Problem as ranking by one does.
    """
    pair = [asked.serving.versions.get(reference) for reference in asked.assignment.interleave]
    first, second = pair
    if first is None or second is None:
        return await _with_one(asked, pair, rank)
    if first is second:
        one = other = await rank(asked._replace(version=first))
    else:
        one, other = await asyncio.gather(
            rank(asked._replace(version=first)), rank(asked._replace(version=second))
        )
    asked = asked._replace(version=first, missing=None)
    first_why, second_why = one[1].fallback, other[1].fallback
    if first_why is not None:
        reason = _reason(f"{first.name}: {first_why}", second)
        return _of_one(asked._replace(version=second, missing=reason), *other)
    if second_why is not None:
        reason = _reason(f"{second.name}: {second_why}", first)
        return _of_one(asked._replace(missing=reason), *one)
    if not np.array_equal(one[0].known, other[0].known):
        reason = _reason(f"{second.name} knows other candidates", first)
        return _of_one(asked._replace(missing=reason), *one)
    return _draft(asked, second, one, other[1])


async def marked(asked: Asked, ranking: Ranking, decision: Decision, rank: Rank) -> Decision:
    """The decision, its arm marked with whether every other arm would have served the same items in order.

    Versions that arms share are not scored again. No mark on an explored answer, under a fallback, or where
    another arm's scores can't be had.
    """
    if decision.explored or ranking.fallback is not None:
        return decision
    same: bool | None = True
    for version in _others(asked):
        same = await _serves(asked._replace(version=version), decision, rank)
        if not same:
            break
    arms = asked.serving.arm_texts.recorded(asked.assignment, same=same)
    return msgspec.structs.replace(decision, arms=arms)


def _others(asked: Asked) -> list[LoadedVersion]:
    """What the other arms would be served by: the champion where their version is not served."""
    serving = asked.serving
    found = {
        version.number: version
        for reference in asked.assignment.compared
        if (version := serving.versions.get(reference, serving.champion)) is not asked.version
    }
    return list(found.values())


async def _serves(asked: Asked, decision: Decision, rank: Rank) -> bool | None:
    """Whether this version would have served the same slate; None where that can't be known."""
    try:
        scored, ranking = await rank(asked)
    except Problem:
        return None  # a context field, or a queue, that is no matter of the version that answers
    if ranking.fallback is not None:
        return None
    slate = np.concatenate([scored.known[ranking.order], scored.unknown])[: asked.request.top_k]
    return bool(np.array_equal(slate, np.asarray(decision.slate)))


async def _with_one(asked: Asked, pair: list[LoadedVersion | None], rank: Rank) -> Made:
    """Only one of the two is served, or neither: then the champion answers, as for any other arm."""
    own = next((version for version in pair if version is not None), None)
    if own is not None:
        gone = asked.assignment.interleave[pair.index(None)]
        asked = asked._replace(version=own, missing=_reason(f"{gone} is not served", own))
    return await alone(asked, rank)


def _reason(why: str, version: LoadedVersion) -> str:
    return f"interleaving: {why}; {version.name} answers alone"


def _of_one(asked: Asked, scored: Scored, ranking: Ranking) -> Made:
    """The slate of one version's order, or of a draw."""
    ordered = None if ranking.fallback else ranking.scores[ranking.order]
    exploration = asked.serving.live.exploration
    slate = explore(exploration, asked.request_id, asked.request.unit, ranking.order, ordered)
    return Made(asked, scored, ranking, slate)


def _draft(asked: Asked, second: LoadedVersion, one: tuple[Scored, Ranking], other: Ranking) -> Made:
    """The slate that both versions' orders are drafted into."""
    scored, ranking = one
    by = asked.assignment.by
    slate, team = drafted(
        asked.serving.live.exploration,
        "" if by is None else by.salt,
        asked.request_id,
        asked.request.unit,
        (ranking.order, other.order),
        ranking.scores[ranking.order],
    )
    rankers = [RankerRecord(each.name, each.catalogue.snapshot) for each in (asked.version, second)]
    return Made(asked, scored, ranking, slate, Drafted(rankers, team))
