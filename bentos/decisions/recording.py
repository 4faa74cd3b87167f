"""The record of a decision, whole or reduced, and the body of its answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson
from numpy.typing import NDArray

from bentos.decisions.parts import Indexes, Made
from experiments.config.live import Record
from experiments.hashing import RESOLUTION, position_of
from models.catalogue.idspans import IdSpans
from monitoring.log.record import Decision, decode_propensities, encode_propensities, numbers_json

Floats = NDArray[np.float64]


class WholeRecord(NamedTuple):
    """The record of an answer with nothing left out, and the numbers that it has as text."""

    record: Decision
    scores: Floats  # float64[n], of the n items of the slate
    propensities: Floats


def whole_record(made: Made) -> WholeRecord:
    """The record of an answer with nothing left out."""
    asked, scored, ranking, slate, drafted = made
    request = asked.request
    top = request.top_k
    order = scored.known[slate.order]
    scores = ranking.scores[slate.order]
    propensities = slate.propensities
    corrected = asked.version.correction
    if corrected is not None:  # NaN, where there are no scores, stays NaN
        scores = corrected.correction.apply(scores)
    unknown = len(scored.unknown)
    if unknown:
        order = np.concatenate([order, scored.unknown])
        scores = np.concatenate([scores, np.full(unknown, np.nan)])
        propensities = np.concatenate([propensities, np.ones(unknown)])
    scores = scores[:top]
    propensities = propensities[:top]
    record = Decision(
        request_id=asked.request_id,
        time=asked.event,
        received=asked.now,
        unit=request.unit,
        context=request.context,
        attributes=request.attributes,
        arms=asked.serving.arm_texts.recorded(asked.assignment),
        experiments=asked.serving.state.experiments,
        epoch=asked.serving.state.epoch,
        model=asked.version.name,
        snapshot=asked.version.catalogue.snapshot,
        candidates=_as_came(request.candidates),
        slate=order[:top],
        scores=numbers_json(scores),
        propensities=encode_propensities(propensities),
        explored=slate.explored,
        fallback=ranking.fallback or asked.missing,
        top_k=top,
        rankers=None if drafted is None else drafted.rankers,
        team=None if drafted is None else drafted.served(unknown, top),
        correction=None if corrected is None else corrected.digest,
        seconds=round(time.perf_counter() - asked.started, 6),
    )
    return WholeRecord(record, scores, propensities)


def reduced_record(whole: WholeRecord, keep: Record, candidates: Sequence[Any]) -> Decision:
    """What `keep` keeps of a record. Explored ones, from which values are estimated, stay whole."""
    record, depth = whole.record, keep.depth
    if record.explored or _place(record.request_id) < round(keep.whole * RESOLUTION["growthbook-v2"], 6):
        return record
    slate: Indexes = record.slate[:depth]  # type: ignore[assignment]
    changes: dict[str, Any] = {
        "slate": slate,
        "scores": numbers_json(whole.scores[:depth]),
        "propensities": encode_propensities(whole.propensities[:depth]),
        "team": None if record.team is None else record.team[:depth],
    }
    if keep.candidates == "digest":  # the kept items stand in for all candidates
        changes["candidates"] = _picked(candidates, slate)
        changes["slate"] = np.arange(len(slate))
        changes["offered"] = len(candidates)
        changes["digest"] = digest_of(candidates)
    return msgspec.structs.replace(record, **changes)


def digest_of(candidates: Sequence[Any]) -> str:
    """32 hex digits over a request's candidates in their order: blake2b of their compact JSON."""
    text = candidates.compact if isinstance(candidates, IdSpans) else orjson.dumps(candidates)
    return blake2b(text, digest_size=16).hexdigest()


_place = position_of("record")  # of a request, in the draw of those whose records stay whole


def answer_body(decision: Decision, made: Made, problems: Sequence[str] = ()) -> bytes:
    """The body of an answer, from its whole record; `problems` is what else its client should know."""
    asked, candidates = made.asked, made.asked.request.candidates
    slate: Indexes = decision.slate  # type: ignore[assignment]
    return orjson.dumps(
        {
            "request_id": decision.request_id,
            "items": _picked(candidates, slate),
            "scores": decision.scores,
            "propensities": decode_propensities(decision.propensities, len(slate)),
            "model": decision.model,
            "arms": asked.serving.arm_texts.answered(asked.assignment.arms),
            "explored": decision.explored,
            "fallback": decision.fallback,
            "unknown": _picked(candidates, made.scored.unknown),
            "problems": problems,
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )


def _picked(candidates: Sequence[Any], places: Indexes) -> list[Any] | orjson.Fragment:
    """The candidates at these places."""
    if isinstance(candidates, IdSpans):
        return orjson.Fragment(candidates.json(places))
    if len(places) < 64:  # an array of objects pays off from about here on
        return list(map(candidates.__getitem__, places.tolist()))
    found: list[Any] = np.array(candidates, dtype=object)[places].tolist()
    return found


def _as_came(candidates: Sequence[Any]) -> Sequence[Any] | orjson.Fragment:
    """All candidates; the bytes of the request where it was not decoded."""
    return orjson.Fragment(candidates.raw) if isinstance(candidates, IdSpans) else candidates
