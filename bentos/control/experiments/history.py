"""Which experiments were live when, and in whose name: the log's own count, joined with the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bentos.home.journal import Event

SERVED = (
    "SELECT experiments AS digest, epoch, min(received) AS first, max(received) AS last, "
    "count(*) AS decisions FROM decisions GROUP BY 1, 2"
)
"""SQL over the log: what `timeline` takes as `served`."""


def timeline(
    served: Iterable[Mapping[str, Any]], journal: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The versions in the order in which they were live, oldest first; one may come back later.

    `served` has a digest, an epoch, the first and the last moment (unix seconds) and a count of decisions
    per row; epochs without a decision are the journal's. `by` and `why` are those of the latest change to
    that digest until then, None where the file was edited by hand, or before anybody wrote it down.
    """
    epochs = {row["epoch"]: dict(row) for row in sorted(served, key=lambda row: row["decisions"])}
    for event in journal:
        if event["event"] == Event.EXPERIMENTS and event["epoch"] not in epochs:
            moment = event["time"]
            nothing = {"epoch": event["epoch"], "first": moment, "last": moment, "decisions": 0}
            epochs[event["epoch"]] = {"digest": event["after"], **nothing}
    told: list[dict[str, Any]] = []
    for _, row in sorted(epochs.items()):
        if told and told[-1]["digest"] == row["digest"]:
            told[-1]["last"] = max(told[-1]["last"], row["last"])
            told[-1]["decisions"] += row["decisions"]
        else:
            told.append(row)
    return [row | _said(row, before, journal) for before, row in zip([None, *told], told, strict=False)]


def _said(
    row: Mapping[str, Any], before: Mapping[str, Any] | None, journal: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Who and why, from what was written down since the version before began."""
    since = -1.0 if before is None else before["first"]
    found = [
        event
        for event in journal
        if "by" in event and event.get("after") == row["digest"] and since <= event["time"] <= row["last"]
    ]
    latest = found[-1] if found else {}
    return {"by": latest.get("by"), "why": latest.get("reason")}
