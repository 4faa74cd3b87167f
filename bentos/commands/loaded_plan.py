"""A plan for `ballast experiment analyze --plan`; of its own, as only that needs a reader of YAML."""

from __future__ import annotations

from experiments.config.plan_file import load_plan

__all__ = ["load_plan"]
