"""Files that several tests write."""

LIVE = """
version: 1
unit: viewer
default: "@champion"
layers:
  - name: one
    salt: s
    experiments:
      - name: try
        unit: viewer
        hash: growthbook-v2
        salt: t
        variants:
          - {name: a, model: "@champion", weight: 0.5}
          - {name: b, model: "%s", weight: 0.5}
"""
"""A live.yaml of one experiment, whose second variant is to name a model: `LIVE % "@challenger"`."""
