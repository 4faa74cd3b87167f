"""The birth certificate: every feature and every score of training, reproduced bit for bit by what serves.

Training's raw requests (ids and context) go through the catalogue, the feature code and the engine that a
worker uses. A swapped column, another unit, a shifted hour, remapped codes, lost trees: none of them has to
be guessed at, each is a number that differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine import Job
from models.features import ContextError, parse_context
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.package import Certificate, PackageError, read_certificate

LEAST = 20  # requests; training puts some hundreds in
SHOWN = 4  # features that a sentence names


def certificate(subject: Subject) -> Iterator[Check]:
    """The certificate is complete, and the serving path reproduces it."""
    name = "birth certificate"
    try:
        found = read_certificate(subject.package)
        jobs = serving_jobs(subject, found)
    except (PackageError, ContextError) as error:
        yield Check(name, Result.REJECT, str(error))
        return
    yield from _complete(subject, found)
    if any(isinstance(job, str) for job in jobs):
        unknown = [job for job in jobs if isinstance(job, str)]
        sentence = f"items of {len(unknown)} requests are not in the catalogue, such as {unknown[0]}"
        yield Check(name, Result.REJECT, sentence, len(unknown), 0, unit="requests")
        return
    ready = [job for job in jobs if not isinstance(job, str)]
    yield _features(subject, found, ready)
    yield _scores(subject, found, ready)


def _complete(subject: Subject, found: Certificate) -> Iterator[Check]:
    names = subject.declared.feature_names
    lacking = [each for each in names if each not in found.features]
    if lacking:
        sentence = f"the certificate lacks the features {', '.join(lacking[:SHOWN])}"
        yield Check(
            "certified features", Result.REJECT, sentence, len(lacking), 0, "declaration.json", "features"
        )
    if len(found.requests) < LEAST:
        sentence = f"{len(found.requests)} requests prove little: {LEAST} are needed"
        yield Check(
            "certified requests", Result.HOLD, sentence, len(found.requests), LEAST, "rule", "requests"
        )


def serving_jobs(subject: Subject, found: Certificate) -> list[Job | str]:
    """Each raw request as a worker takes it; the first unknown item's id where the catalogue lacks one."""
    jobs: list[Job | str] = []
    for request in found.requests:
        ids: Any = list(request.items)
        rows = subject.catalogue.rows(ids)
        if (rows < 0).any():
            jobs.append(str(ids[int(np.argmax(rows < 0))]))
        else:
            jobs.append(Job(rows, parse_context(subject.engine.spec, request.context)))
    return jobs


def _features(subject: Subject, found: Certificate, jobs: list[Job]) -> Check:
    differing = dict.fromkeys(found.features, 0)
    first: dict[str, str] = {}
    for name, served in _served(subject, jobs).items():
        own = found.features.get(name)
        if own is not None and (wrong := unequal(own, served)).any():
            row = int(np.argmax(wrong))
            place = int(np.searchsorted(found.starts, row, side="right")) - 1
            item = found.requests[place].items[row - found.starts[place]]
            differing[name] = int(wrong.sum())
            first[name] = f"{own[row]!s} in training, {served[row]!s} served, for {item}"
    bad = {name: count for name, count in differing.items() if count}
    total = len(found.scores) * len(differing)
    if not bad:
        sentence = f"all {total:,} feature values of {len(jobs):,} requests are served as training saw them"
        return Check("certified features", Result.PASS, sentence, 0, 0, "birth certificate", "features")
    named = "; ".join(f"{name} ({bad[name]:,} values: {first[name]})" for name in list(bad)[:SHOWN])
    noun = "feature is" if len(bad) == 1 else "features are"
    sentence = f"{len(bad)} {noun} served otherwise than training saw them: {named}"
    return Check("certified features", Result.REJECT, sentence, len(bad), 0, "birth certificate", "features")


def _served(subject: Subject, jobs: list[Job]) -> dict[str, NDArray[Any]]:
    """The features of all candidates of all requests, by name."""
    parts = [subject.engine.features(job.rows, job.context) for job in jobs]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}


def unequal(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Bit for bit; any NaN equals any other, since they come from different places."""
    if one.dtype == object:
        return np.asarray(one.astype(str) != np.asarray(other).astype(str))
    own, its = np.asarray(one, np.float32), np.asarray(other, np.float32)
    return np.asarray((own.view(np.uint32) != its.view(np.uint32)) & ~(np.isnan(own) & np.isnan(its)))


def _scores(subject: Subject, found: Certificate, jobs: list[Job]) -> Check:
    name = "certified scores"
    parts = subject.engine.score_many(jobs)
    failed = [part for part in parts if isinstance(part, Exception)]
    if failed:
        sentence = f"{len(failed)} certified requests can't be scored: {failed[0]}"
        return Check(name, Result.REJECT, sentence, len(failed), 0, "birth certificate", "requests")
    served = np.concatenate([np.empty(0), *(part for part in parts if not isinstance(part, Exception))])
    wrong = served.view(np.uint64) != np.ascontiguousarray(found.scores, np.float64).view(np.uint64)
    count = int(wrong.sum())
    if not count:
        sentence = f"all {len(served):,} scores are served bit for bit as training computed them"
        return Check(name, Result.PASS, sentence, 0, 0, "birth certificate", "scores")
    with np.errstate(invalid="ignore"):
        gap = float(np.nanmax(np.abs(served - found.scores)))
    sentence = f"{count:,} of {len(served):,} scores differ from training's, by up to {gap:.6g}"
    return Check(name, Result.REJECT, sentence, count, 0, "birth certificate", "scores")
