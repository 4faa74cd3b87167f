"""Alert rules are code: they parse, they fire, they stay silent, and they ask for metrics that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from monitoring.log.record import ArmRecord, Decision, Outcome
from monitoring.metrics import Metrics

ROOT = Path(__file__).parents[3]
RULES = ROOT / "monitoring" / "rules"
PROMTOOL = shutil.which("promtool")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / "ballast.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: apt install prometheus)")
@pytest.mark.parametrize("arguments", [("check", "ballast.rules.yml"), ("test", "ballast.tests.yml")])
def test_promtool_agrees(arguments: tuple[str, str]) -> None:
    """Prometheus' own evaluation of every rule, at its limit and just under it."""
    verb, name = arguments
    done = subprocess.run(
        [str(PROMTOOL), verb, "rules", name], cwd=RULES, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    tests = yaml.safe_load((RULES / "ballast.tests.yml").read_text())["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    names = {rule["alert"] for rule in rules()}
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == names
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == names


def test_rules_ask_for_metrics_and_labels_that_exist() -> None:
    """A rule about a metric that was renamed never fires, and nobody notices."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.answered(
        model="f/1", arms=[("e", "v")], explored=False, fallback=None, seconds=0.1, candidates=3, unknown=1
    )
    metrics.refused("/rank", 500)
    metrics.rollouts({"challenger": True})
    metrics.unsound("f/1", "scores constant: all 12 scores are 3")
    metrics.guard([("version", "7", "unsound scores", "mean 1 lately", "version 6 serves")])
    metrics.guard_failing(["recall"])
    metrics.drift(["feature"], 1.0)
    series = re.findall(r"^(\w+)(?:{(.*)})? ", generate_latest(registry).decode(), re.MULTILINE)
    labels = {name: set(re.findall(r'(\w+)="', inside)) for name, inside in series}
    for rule in rules():
        for name, inside in re.findall(r"(ballast_\w+)(?:{(.*?)})?", rule["expr"]):
            assert name in labels, f"{rule['alert']} asks for {name}"
            assert set(re.findall(r"(\w+)[!=]", inside)) <= labels[name]


def test_every_alert_says_what_and_what_then() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}


def test_the_docs_name_every_metric_and_alert() -> None:
    """And none that is gone."""
    page = (ROOT / "docs" / "monitoring.md").read_text()
    registry = CollectorRegistry()
    Metrics(registry)
    exported = {metric.name + ("_total" if metric.type == "counter" else "") for metric in registry.collect()}
    assert set(re.findall(r"`(ballast_\w+)`", page)) == exported
    assert set(re.findall(r"^\| (Ballast\w+) ", page, re.MULTILINE)) == {rule["alert"] for rule in rules()}


def test_the_docs_name_every_field_of_a_record() -> None:
    page = (ROOT / "docs" / "log.md").read_text()
    fields = {*Decision.__struct_fields__, *ArmRecord.__struct_fields__, *Outcome.__struct_fields__}
    assert fields <= set(re.findall(r"`(\w+)`", page))
