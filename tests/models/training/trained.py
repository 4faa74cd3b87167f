"""A small ranker as training leaves it, and the proof that its serving path reproduces it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.declaration.declaration import Declaration
from models.engine import load_engine
from models.features import parse_context
from models.package import read_certificate, read_declaration, read_manifest
from models.training.train import TrainResult


@dataclass(frozen=True)
class Trained:
    declaration: Declaration
    home: Path
    result: TrainResult
    trees: list[tuple[int, int]]


def reproduced(folder: Path, catalogues: Path) -> int:
    """How many certified rows the serving path reproduces: every feature and every score, bit for bit."""
    own = [*filter(None, [read_declaration(folder).features.cross])]
    catalogue = Catalogue.open(catalogues / read_manifest(folder).snapshot)
    engine, proof = load_engine(folder, catalogue, own), read_certificate(folder)
    for place, request in enumerate(proof.requests):
        low, high = proof.starts[place : place + 2]
        rows = catalogue.rows(list(request.items))
        context = parse_context(engine.spec, request.context)
        for name, column in engine.features(rows, context).items():
            np.testing.assert_array_equal(column, proof.features[name][low:high], err_msg=name)
        np.testing.assert_array_equal(engine.score(rows, context), proof.scores[low:high])
    return int(proof.starts[-1])
