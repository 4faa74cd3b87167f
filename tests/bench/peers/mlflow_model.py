"""Writes the world's model as an MLflow model: `python -m tests.bench.peers.mlflow_model FOLDER TARGET`."""

from __future__ import annotations

import sys
from pathlib import Path

import mlflow.catboost

from tests.bench.world import World

if __name__ == "__main__":
    mlflow.catboost.save_model(World(Path(sys.argv[1])).model, sys.argv[2])
