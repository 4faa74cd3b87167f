"""Run the checks in stages and give the verdict."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from models.gate import (
    artefact,
    basis,
    birth,
    borders,
    calibration,
    canary,
    contradictions,
    dominant,
    golden,
    halves,
    identity,
    later,
    leaks,
    left_out,
    neighbours,
    proposals,
    quality,
    scores,
    segments,
    sign,
    skew,
    source,
    spelling,
)
from models.gate.subject import Subject
from models.gate.verdict import Check, Result, Verdict

logger = logging.getLogger(__name__)

Said = TypeVar("Said")
Lines = tuple[str, ...]
NO_LINES: Lines = ()
CheckFunction = Callable[[Subject], Iterator[Check]]

# A stage is left out when an earlier one rejected: what can't be loaded can't be measured, and what is not
# what training made need not be. So it is where a version names a function that may not be imported.
STAGES: tuple[tuple[CheckFunction, ...], ...] = (
    (artefact.files,),
    (artefact.declaration, artefact.functions, artefact.ranker, artefact.catalogue),
    (artefact.model, artefact.engine),
    (birth.certificate,),
    (
        contradictions.contradictions,
        halves.halves,
        neighbours.neighbours,
        identity.other_items,
        later.later_outcomes,
        dominant.one_column,
        scores.finite,
        scores.constant,
        scores.spread,
        golden.golden,
        spelling.spelling,
        sign.outcomes,
        sign.likeness,
        sign.directions,
        quality.random_order,
        quality.champion,
        quality.slices,
        segments.segments,
        calibration.calibration,
        source.table,
        source.window,
        source.part,
        borders.borders,
        skew.columns,
        skew.make_up,
        leaks.available,
        leaks.alone,
        leaks.labels_inside,
        leaks.too_good,
        canary.replay,
        canary.speed,
    ),
)


def judge(subject: Subject, stages: tuple[tuple[CheckFunction, ...], ...] = STAGES) -> Verdict:
    """Everything there is to say about a version. Never raises for what is wrong with it.

    A folder that is no package:

    >>> from pathlib import Path
    >>> subject = Subject("shop", "7", Path("packages/7"), catalogues=Path("catalogues"))
    >>> verdict = judge(subject)
    >>> verdict.result.word
    'reject'
    >>> [check.name for check in verdict.checks]
    ['files']
    >>> print(verdict.reasons)
    reject: files: model.cb, declaration.json, certificate.npz, ... are missing: train and register with ...
    """
    started = time.perf_counter()
    checks: list[Check] = []
    compared = False  # with outcomes, which the last stage does
    for stage in stages:
        compared = stage is STAGES[-1]
        for function in stage:
            checks += _run(function, subject)
        if any(_ends(check) for check in checks):
            break
    measured = compared and not any(_ends(check) for check in checks)
    return Verdict(
        ranker=subject.ranker,
        version=subject.version,
        checks=tuple(checks),
        time=subject.now,
        champion=None if subject.champion is None else subject.champion.name,
        basis=_tried(basis.basis, subject, "") if measured else "",
        lines=_tried(proposals.proposals, subject, NO_LINES) if measured else NO_LINES,
        left_out=_tried(left_out.left_out, subject, NO_LINES) if compared else NO_LINES,
        seconds=time.perf_counter() - started,
    )


def _tried(function: Callable[[Subject], Said], subject: Subject, otherwise: Said) -> Said:
    """What is said beside the checks; a failure there changes no verdict."""
    try:
        return function(subject)
    except Exception:
        logger.exception("%s failed on version %s", function.__name__, subject.version)
        return otherwise


def _ends(check: Check) -> bool:
    """Whether no later stage is to be run after what a check found."""
    foreign = check.name == artefact.FUNCTIONS and check.result is not Result.PASS
    return check.result is Result.REJECT or foreign


def _plain(check: Check) -> Check:
    """Figures as Python's floats; one that is not finite is no figure."""
    figures = (check.figure, check.limit)
    figure, limit = (float(each) if each is not None and math.isfinite(each) else None for each in figures)
    return msgspec.structs.replace(check, figure=figure, limit=limit)


def _run(function: CheckFunction, subject: Subject) -> list[Check]:
    name = f"{function.__module__.rpartition('.')[2]}: {function.__name__.replace('_', ' ')}"
    try:
        return [_plain(check) for check in function(subject)]
    except Exception as error:  # a check that fails has said nothing, and nothing is no pass
        logger.exception("the gate's check %r failed on version %s", name, subject.version)
        sentence = f"the check could not be made: {type(error).__name__}: {error}"
        return [Check(name, Result.HOLD, sentence)]
