"""What a comparison found, as a value: the drifted columns in order, and all of it as plain JSON."""

from __future__ import annotations

import json

from monitoring.drift.change_point import DatedChange
from monitoring.drift.columns import ColumnDrift, Drift
from monitoring.drift.outcomes import OutcomeDrift


def column(name: str, value: float, limit: float) -> ColumnDrift:
    return ColumnDrift(
        column=name,
        role="feature",
        kind="numeric",
        statistic="rank distance",
        value=value,
        limit=limit,
        limit_source="as measured",
        p=0.001,
        drifted=value > limit,
        seen=1.1 * limit,
        missing_reference=0.0,
        missing_current=0.25,
    )


def drift(*columns: ColumnDrift) -> Drift:
    return Drift(columns, ("label: too little data to say",), "day", (30, 7), (900, 210), 0.01)


def test_the_farthest_beyond_its_limit_comes_first() -> None:
    """By how many times its limit a distance is, not by the distance; what is within is left out."""
    found = drift(column("near", 0.30, 0.25), column("far", 0.20, 0.05), column("within", 0.04, 0.05))
    assert [each.column for each in found.drifted] == ["far", "near"]


def test_a_distance_of_zero_never_drifts() -> None:
    """Nor does a limit of zero stand in the way of an order."""
    assert drift(column("same", 0.0, 0.0)).drifted == []


def test_all_of_it_is_plain_json() -> None:
    """As the command writes it."""
    document = json.loads(json.dumps(drift(column("x", 0.2, 0.1)).to_json()))
    assert document["columns"][0]["column"] == "x"
    assert document["columns"][0]["drifted"] is True
    assert document["blocks"] == [30, 7]
    assert document["too_little"] == ["label: too little data to say"]


def test_outcomes_with_a_date_come_first() -> None:
    change = DatedChange(9.0, 8.0, 10.0, 0.3, 0.4, 0.001)
    far, dated, still = (
        OutcomeDrift(name, 0.3, 0.4, 0.02, 0.001, 0.03, (60, 20), drifted, date)
        for name, drifted, date in (("AUC", True, None), ("outcomes", True, change), ("NDCG@10", False, None))
    )
    found = Drift((), (), "day", (30, 7), (900, 210), 0.01, (far, still, dated))
    assert found.moved == [dated, far]
    assert json.loads(json.dumps(found.to_json()))["outcomes"][2]["change"]["low"] == 8.0
