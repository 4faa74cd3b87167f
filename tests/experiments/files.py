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
