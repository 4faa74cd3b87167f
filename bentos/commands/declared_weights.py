"""Shares of the arms as options say them, for `ballast experiment analyze --table`."""

from __future__ import annotations

from dataclasses import replace

from experiments.analysis.question import Question
from experiments.analysis.tables import Table, fetched
from experiments.config.problems import AnalysisError

MOST_PHASES = 50
"""Phases of a table; more are days or units and no phases."""


def phases_of(rows: Table, column: str | None) -> list[str]:
    """The phases in a table's column, sorted; one "" without a column. AnalysisError for over MOST_PHASES."""
    if column is None:
        return [""]
    if column not in rows.columns:
        raise AnalysisError(
            f"--phase: the table has no column {column!r}; it has {', '.join(rows.columns[:12])}"
        )
    if rows.filter(rows[column].isnull()).limit(1).count().to_pyarrow().as_py():
        raise AnalysisError(f"--phase: column {column!r} has rows without a phase; every row must have one")
    found = fetched(rows.select(phase=rows[column].cast("string")).distinct().limit(MOST_PHASES + 1))
    if len(found) > MOST_PHASES:
        raise AnalysisError(f"--phase: column {column!r} has over {MOST_PHASES} values; phases are few")
    return sorted(line["phase"] for line in found)


def weighted(question: Question, weights: list[str], phases: list[str]) -> Question:
    """The question with the shares that `weights` give: ARM=SHARE in every phase, PHASE:ARM=SHARE in one.

    AnalysisError for text that is neither, a share outside 0 to 1, an arm that is given twice, a phase that
    isn't among `phases` or gets no shares, and shares that don't sum to 1.
    """
    shares: dict[str, dict[str, float]] = {phase: {} for phase in phases}
    order: list[str] = []
    for text in weights:
        named, arm, share = _parsed(text, phases)
        for phase in named:
            if arm in shares[phase]:
                raise AnalysisError(
                    f"--weight {text!r}: arm {arm!r} has a share already; give one to each arm"
                )
            shares[phase][arm] = share
        order.append(arm)
    for phase, each in shares.items():
        where = f" in phase {phase!r}" if phase else ""
        if len(each) < 2 or abs(sum(each.values()) - 1) > 1e-6:
            given = ", ".join(f"{arm}={share:g}" for arm, share in each.items()) or "none are given"
            rule = "shares of two arms or more that sum to 1 are needed, as --weight a=0.5 --weight b=0.5"
            raise AnalysisError(f"--weight{where}: {given}: {rule}")
    return replace(question, control=order[0], weights=shares)


def _parsed(text: str, phases: list[str]) -> tuple[list[str], str, float]:
    name, _, share = text.rpartition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if not name or not 0 <= value <= 1:  # NaN is no share
        rule = "must be ARM=SHARE, such as control=0.5, with a share from 0 to 1"
        raise AnalysisError(f"--weight {text!r}: {rule}")
    phase, _, arm = name.rpartition(":")
    if phases == [""] or not phase:
        return phases, name, value
    if phase not in phases:
        known = ", ".join(map(repr, phases))
        raise AnalysisError(f"--weight {text!r}: the table has no phase {phase!r}; it has {known}")
    return [phase], arm, value
