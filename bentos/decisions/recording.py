"""A decision in writing: its record, whole or reduced, and its answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from bentos.decisions.parts import Indexes, Made, Scored
from experiments.assignment.assign import Assignment
from experiments.config.live import Record
from experiments.hashing import RESOLUTION, position_of
from models.catalogue.idspans import IdSpans
from monitoring.log.record import ArmRecord, Decision, Numbers

Floats = NDArray[np.float64]


class Written(NamedTuple):
    """The whole record of an answer; `scores` and `propensities`, float64[n], are its slate's."""

    record: Decision
    scores: Floats
    propensities: Floats


def written(made: Made) -> Written:
    """The whole record of an answer."""
    asked, scored, ranking, slate, drafted = made
    order, scores, propensities = scored.known[slate.order], ranking.scores[slate.order], slate.propensities
    corrected = asked.version.correction
    if corrected is not None:  # NaN, where there are no scores, stays NaN
        scores = corrected.correction.apply(scores)
    if unknown := len(scored.unknown):
        order = np.concatenate([order, scored.unknown])
        scores = np.concatenate([scores, np.full(unknown, np.nan)])
        propensities = np.concatenate([propensities, np.ones(unknown)])
    request, top = asked.request, asked.request.top_k
    scores, propensities = scores[:top], propensities[:top]
    record = Decision(
        request_id=asked.request_id,
        time=asked.event,
        received=asked.now,
        unit=request.unit,
        context=request.context,
        attributes=request.attributes,
        arms=_arms(asked.assignment),
        experiments=asked.serving.state.experiments,
        epoch=asked.serving.state.epoch,
        model=asked.version.name,
        snapshot=asked.version.catalogue.snapshot,
        candidates=_as_came(request.candidates),
        slate=order[:top],
        scores=_as_json(scores),
        propensities=_alike(propensities),
        explored=slate.explored,
        fallback=ranking.fallback or asked.missing,
        top_k=top,
        rankers=None if drafted is None else drafted.rankers,
        team=None if drafted is None else drafted.served(unknown, top),
        correction=None if corrected is None else corrected.digest,
        seconds=round(time.perf_counter() - asked.started, 6),
    )
    return Written(record, scores, propensities)


def _arms(assignment: Assignment) -> list[ArmRecord]:
    return [
        ArmRecord(
            arm.experiment, arm.variant, arm.model or assignment.model, arm.bucket, arm.salt, arm.forced
        )
        for arm in assignment.arms
    ]


def reduced(written: Written, keep: Record, candidates: Sequence[Any]) -> Decision:
    """What `keep` keeps of a record. Explored ones, from which values are estimated, stay whole."""
    whole, depth = written.record, keep.depth
    if whole.explored or _place(whole.request_id) < round(keep.whole * RESOLUTION["growthbook-v2"], 6):
        return whole
    slate: Indexes = whole.slate[:depth]  # type: ignore[assignment]
    changes: dict[str, Any] = {
        "slate": slate,
        "scores": _as_json(written.scores[:depth]),
        "propensities": _alike(written.propensities[:depth]),
        "team": None if whole.team is None else whole.team[:depth],
    }
    if keep.candidates == "digest":
        changes |= {"candidates": _picked(candidates, slate), "slate": np.arange(len(slate))}
        changes |= {"offered": len(candidates), "digest": digest_of(candidates)}
    return msgspec.structs.replace(whole, **changes)


def digest_of(candidates: Sequence[Any]) -> str:
    """32 hex digits over a request's candidates in their order: blake2b of their compact JSON."""
    text = candidates.compact if isinstance(candidates, IdSpans) else orjson.dumps(candidates)
    return blake2b(text, digest_size=16).hexdigest()


_place = position_of("record")


def answer(decision: Decision, candidates: Sequence[Any], scored: Scored) -> bytes:
    """The body of an answer, from its whole record."""
    slate: Indexes = decision.slate  # type: ignore[assignment]
    return orjson.dumps(
        {
            "request_id": decision.request_id,
            "items": _picked(candidates, slate),
            "scores": decision.scores,
            "propensities": _repeated(decision.propensities, len(slate)),
            "model": decision.model,
            "arms": {arm.experiment: arm.variant for arm in decision.arms},
            "explored": decision.explored,
            "fallback": decision.fallback,
            "unknown": _picked(candidates, scored.unknown),
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )


def _as_json(values: NDArray[np.float64]) -> orjson.Fragment:
    """Numbers as JSON, written once for record and answer."""
    plain = np.ascontiguousarray(values)
    return orjson.Fragment(orjson.dumps(plain, option=orjson.OPT_SERIALIZE_NUMPY))


def _alike(values: NDArray[np.float64]) -> Numbers:
    """Propensities as a record has them: equal ones, as in most answers, once."""
    first = float(values[0])
    return [first] if bool((values == first).all()) else _as_json(values)


def _repeated(values: Numbers, count: int) -> Numbers:
    """Propensities as an answer has them: one for each item, though the record has equal ones once."""
    if not isinstance(values, list):
        return values
    return orjson.Fragment(b"[" + b",".join([orjson.dumps(values[0])] * count) + b"]")


def _picked(candidates: Sequence[Any], places: Indexes) -> list[Any] | orjson.Fragment:
    if isinstance(candidates, IdSpans):
        return orjson.Fragment(candidates.json(places))
    if len(places) < 64:  # an array of objects pays off from about here on
        return list(map(candidates.__getitem__, places.tolist()))
    found: list[Any] = np.array(candidates, dtype=object)[places].tolist()
    return found


def _as_came(candidates: Sequence[Any]) -> Sequence[Any] | orjson.Fragment:
    return orjson.Fragment(candidates.raw) if isinstance(candidates, IdSpans) else candidates
