"""What Prometheus reads is what happened, over all processes, in a bounded number of series."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.metrics import MOST_ARMS, MOST_SERIES, VERSIONS, Metrics, kind_of

ROOT = Path(__file__).parents[2]


def answer(metrics: Metrics, **changes: object) -> None:
    fields: dict[str, object] = {
        **{"model": "flights/7", "arms": [("ab", "treatment"), ("holdout", "in")], "explored": False},
        **{"fallback": None, "seconds": 0.004, "candidates": 18, "unknown": 2},
    }
    metrics.answered(**(fields | changes))  # type: ignore[arg-type]


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def test_an_answer_is_counted_by_what_it_was() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    answer(metrics)
    answer(metrics, explored=True, fallback="scores not finite: 3 of 18 scores are not finite")
    served = {"model": "flights/7", "explored": "false", "fallback": "none"}
    fallen = {"model": "flights/7", "explored": "true", "fallback": "scores not finite"}
    assert sample(registry, "ballast_requests_total", **served) == 1
    assert sample(registry, "ballast_requests_total", **fallen) == 1
    arm = {"experiment": "ab", "variant": "treatment", "model": "flights/7"}
    assert sample(registry, "ballast_arms_total", **arm) is None  # counted, and not told yet
    metrics.settle()
    metrics.settle()
    assert sample(registry, "ballast_arms_total", **arm) == 2
    assert sample(registry, "ballast_unknown_candidates_total") == 4
    assert sample(registry, "ballast_candidates_sum") == 36
    assert sample(registry, "ballast_rank_seconds_bucket", le="0.005") == 2
    assert sample(registry, "ballast_rank_seconds_bucket", le="0.003") == 0


def test_everything_else_that_happens() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.refused("/rank", 422)
    metrics.unsound("flights/7", "scores constant: all 18 scores are 0.2")
    metrics.log_failed("decision")
    metrics.fed_back(3)
    metrics.state(12, 3600.5)
    metrics.registry(reachable=False, checked=1e9)
    assert sample(registry, "ballast_refused_total", route="/rank", status="422") == 1
    assert sample(registry, "ballast_unsound_scores_total", model="flights/7", kind="scores constant") == 1
    assert sample(registry, "ballast_log_failures_total", record="decision") == 1
    assert sample(registry, "ballast_log_failures_total", record="outcome") == 0, "its first is an increase"
    assert sample(registry, "ballast_feedback_total") == 1
    assert sample(registry, "ballast_outcomes_total") == 3
    assert sample(registry, "ballast_epoch") == 12
    assert sample(registry, "ballast_catalogue_age_seconds") == 3600.5
    assert sample(registry, "ballast_registry_reachable") == 0


def test_the_number_of_series_is_bounded() -> None:
    """A thousand versions, or a reason with a number in it, must not fill Prometheus' memory."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for k in range(MOST_SERIES + 50):
        answer(metrics, model=f"flights/{k}", arms=[])
    lines = [line for line in generate_latest(registry).decode().splitlines() if "requests_total{" in line]
    assert len(lines) == MOST_SERIES + 1
    other = {"model": "other", "explored": "other", "fallback": "other"}
    assert sample(registry, "ballast_requests_total", **other) == 50
    answer(metrics, model="flights/0", arms=[])
    known = {"model": "flights/0", "explored": "false", "fallback": "none"}
    assert sample(registry, "ballast_requests_total", **known) == 2, "what is known stays known"


def told_arms(metrics: Metrics, registry: CollectorRegistry) -> set[str]:
    metrics.settle()
    lines = generate_latest(registry).decode().splitlines()
    return {line.split('experiment="')[1].split('"')[0] for line in lines if "arms_total{" in line}


def test_every_live_arm_has_a_series_of_its_own_and_ended_ones_take_no_room() -> None:
    """Three generations of 400 experiments, each live alone; versions of an arm beyond four are others."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for generation in "abc":
        arms = [(f"{generation}-{k}", "treatment") for k in range(2 * MOST_SERIES)]
        metrics.live(arms)
        answer(metrics, arms=arms)
        assert {name for name, _ in arms} <= told_arms(metrics, registry)
        metrics.live(arms)
    assert "other" not in told_arms(metrics, registry)
    for version in range(VERSIONS + 1):
        answer(metrics, model=f"flights/{version}", arms=arms)
    assert "other" in told_arms(metrics, registry)


def test_arms_of_all_times_are_bounded_too() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for generation in range(11):
        arms = [(f"{generation}-{k}", "treatment") for k in range(MOST_ARMS // 10)]
        metrics.live(arms)
        answer(metrics, arms=arms)
        metrics.settle()
    assert len(told_arms(metrics, registry)) == MOST_ARMS + 1
    others = {"experiment": "other", "variant": "other", "model": "other"}
    assert sample(registry, "ballast_arms_total", **others) == MOST_ARMS // 10


def test_a_part_of_the_guard_fails_until_it_works() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.guard_failing(["recall", "proofs"])
    metrics.guard_failing(["recall"])
    assert sample(registry, "ballast_guard_failing", part="recall") == 1
    assert sample(registry, "ballast_guard_failing", part="proofs") == 0


def test_a_reason_labels_by_its_kind() -> None:
    assert kind_of(None) == "none"
    assert kind_of("scores constant: all 18 scores are 0.2") == "scores constant"
    assert len(kind_of("x" * 500)) == 60


WORKER = """
import sys
from monitoring.metrics import Metrics
metrics = Metrics()
for _ in range(int(sys.argv[1])):
    metrics.answered(model="f/1", arms=[], explored=False, fallback=None, seconds=.1, candidates=5, unknown=0)
metrics.state(int(sys.argv[1]), 60.0)
"""

COLLECTOR = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def test_workers_add_up(tmp_path: Path) -> None:
    """Several processes write files, as BentoML's workers do; one reads them all."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    for count in ("3", "4"):
        subprocess.run([sys.executable, "-c", WORKER, count], env=environment, check=True)
    read = subprocess.run(
        [sys.executable, "-c", COLLECTOR], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert 'ballast_requests_total{explored="false",fallback="none",model="f/1"} 7.0' in read
    assert "ballast_candidates_sum 35.0" in read
    assert "ballast_epoch 4.0" in read, "a gauge is what was set last"


def test_drift_alarms_are_counted_by_kind() -> None:
    """From 0 on, and back to it when they are over."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.drift(["feature", "feature", "score"], 12.0)
    found = [
        registry.get_sample_value("ballast_drift_alarm", {"kind": kind}) for kind in ("feature", "missing")
    ]
    assert found == [2.0, 0.0]
    assert registry.get_sample_value("ballast_drift_checked_seconds") == 12.0
    metrics.drift([], 13.0)
    assert registry.get_sample_value("ballast_drift_alarm", {"kind": "feature"}) == 0.0
