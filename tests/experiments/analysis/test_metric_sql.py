"""Figures of a small random log are those that plain Python works out from the same records."""

from math import log2
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis import metric_sql
from experiments.analysis.metric_sql import create_figures
from experiments.config.live import Metric
from monitoring.log.record import Outcome
from monitoring.log.window import BOUNDED, window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

METRICS = {
    "n3": Metric(of="ndcg", at=3),
    "n10": Metric(of="ndcg", at=10),
    "l3": Metric(of="ndcg", at=3, gain="linear"),
    "r2": Metric(of="reward", at=2),
}


def random_log(root: Path) -> tuple[dict[str, list[str]], list[Outcome]]:
    """Slates of up to six of eight items; outcomes of some, also of what wasn't served, told again, early."""
    draw = np.random.default_rng(11)
    slates, told, records = {}, [], []
    for number in range(300):
        order = draw.permutation(8)[: draw.integers(1, 7)]
        records.append(decision(f"r{number}", 8, slate=order, scores=np.zeros(len(order))))
        slates[f"r{number}"] = [f"item-{k}" for k in order]
        for _ in range(draw.integers(0, 9)):
            value, moment = float(draw.integers(-1, 5)), 998.0 + float(draw.integers(0, 5))
            received = 2_000.0 + len(told)  # what is told of the same moment again counts as told last
            item = f"item-{draw.integers(0, 10)}"
            told.append(outcome(f"r{number}", item, value, time=moment, received=received))
    write_decisions(root, *records)
    write_outcomes(root, *told)
    return slates, told


def expected(slate: list[str], told: list[Outcome]) -> dict[str, float | None]:
    """The definitions, word by word."""
    latest: dict[str, Outcome] = {}
    for each in sorted(told, key=lambda o: (o.time, o.received)):
        latest[str(each.item)] = each
    values = [latest[item].value if item in latest else None for item in slate]

    def ndcg(top: int, linear: bool = False) -> float | None:
        worth = [0.0 if value is None else max(value, 0.0) for value in values]
        gains = worth if linear else [2**value - 1 for value in worth]
        best = sorted(gains, reverse=True)
        ideal = sum(gain / log2(k + 2) for k, gain in enumerate(best[:top]))
        return sum(gain / log2(k + 2) for k, gain in enumerate(gains[:top])) / ideal if ideal else None

    known = [value for value in values[:2] if value is not None]
    older = sum(item in latest and latest[item].time < 1_000 for item in slate)
    reward = sum(known) / len(known) if known else None
    return {"n3": ndcg(3), "n10": ndcg(10), "l3": ndcg(3, linear=True), "r2": reward, "backwards": older}


@pytest.mark.parametrize("at_once", [metric_sql.AT_ONCE, 100])
def test_figures_are_their_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """To 1e-12, whether they are worked out at once or in parts; a decision without outcomes has no row."""
    monkeypatch.setattr(metric_sql, "AT_ONCE", at_once)
    slates, told = random_log(tmp_path)
    by_request: dict[str, list[Outcome]] = {}
    for each in told:
        by_request.setdefault(each.request_id, []).append(each)
    with window(tmp_path, memory=BOUNDED) as log:
        create_figures(log.connection, METRICS, "NOT explored")
        names = ["n3", "n10", "l3", "r2", "backwards"]
        query = f"SELECT request_id, {', '.join(names)} FROM decisions JOIN figures ON key = {metric_sql.KEY}"
        found = {row[0]: row[1:] for row in log.connection.execute(query).fetchall()}
    assert found.keys() == by_request.keys()
    for request, row in found.items():
        wanted = expected(slates[request], by_request[request])
        both = np.array([row, [wanted[name] for name in names]], float)  # None, where there is none, is NaN
        np.testing.assert_allclose(*both, rtol=1e-12, atol=1e-12)
    assert not list((tmp_path / "tmp").iterdir())


def test_a_grade_beyond_the_exponential_gain_poisons_nothing(tmp_path: Path) -> None:
    """1e14 counts as 31; the linear gain takes a revenue as it is."""
    write_decisions(tmp_path, decision("r", 3, slate=np.arange(3), scores=np.zeros(3)))
    told = {"item-0": 5.0, "item-1": 1e14, "item-2": 0.0}
    write_outcomes(
        tmp_path, *(outcome("r", item, value, time=1e9, received=1e9) for item, value in told.items())
    )
    metrics = {"e": Metric(of="ndcg"), "l": Metric(of="ndcg", gain="linear")}
    with window(tmp_path, memory=BOUNDED) as log:
        create_figures(log.connection, metrics, "true")
        [(exponential, linear)] = log.connection.execute("SELECT e, l FROM figures").fetchall()
    most = 2.0**31 - 1
    assert exponential == pytest.approx((31 + most / log2(3)) / (most + 31 / log2(3)))
    assert linear == pytest.approx(1 / log2(3))
