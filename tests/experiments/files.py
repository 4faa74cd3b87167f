"""Small live.yaml files, built from parts."""

from experiments.assignment.plan import Plan, compile_plan
from experiments.config.check import parse
from experiments.config.live import Live

HEAD = """\
version: 1
unit: viewer
attributes: {airport: string, hour: number, returning: boolean, session: string}
metrics:
  ndcg_10: {of: ndcg, at: 10}
  fallback: {of: fallback, better: lower}
"""

EXPERIMENT = """\
layers:
  - name: ranking
    salt: layer-1
    experiments:
      - name: challenger
        unit: viewer
        hash: growthbook-v2
        salt: challenger-1
        traffic: [[0.0, 1.0]]
        variants:
          - {name: champion, model: "@champion", weight: 0.5}
          - {name: challenger, model: "@challenger", weight: 0.5}
        primary: ndcg_10
        guardrails: [fallback]
"""

FILE = HEAD + EXPERIMENT

FULL = """\
        description: all keys
        targeting: {airport: {in: [JFK, EWR]}, hour: {gte: 6, lt: 22}, session: {exists: true}}
        overrides: {viewer-1: challenger}
        start: 2026-01-01
        end: 2026-02-01T00:00:00+01:00
        ramp: [{at: 2026-01-01, share: 0.1}, {at: 2026-01-08, share: 1}]
exploration: {share: 0.01, salt: e-1, policy: plackett-luce, temperature: 0.5, per: unit}
holdout: {share: 0.05, salt: h-1}
default: 7
"""


def edited(*changes: tuple[str, str], tail: str = "") -> str:
    """The whole small file with pieces of text replaced; each must be there exactly once."""
    text = FILE
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} occurs {text.count(old)} times")
        text = text.replace(old, new)
    return text + tail


def live(*changes: tuple[str, str], tail: str = "") -> Live:
    """The same, checked and compiled."""
    return parse(edited(*changes, tail=tail))


def plan(*changes: tuple[str, str], tail: str = "") -> Plan:
    """The same, as what a unit is assigned by."""
    return compile_plan(live(*changes, tail=tail))
