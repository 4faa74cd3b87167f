"""Scoring: a CatBoost model and a catalogue snapshot → scores, bit for bit those of CatBoost, faster.

`load_engine(package, catalogue)` gives an `Engine`: the compiled kernel where it covers the model and
proves itself, CatBoost itself otherwise.

    trees      the model's JSON → arrays            layout    which column comes from where
    quantise   values → one byte per split column   counts    target statistics of categories
    fill       items → a table of such bytes        lanes     vector code for leaf indices
    kernel     the compiled walk                    walker    a forest ready for it
    fast       both and a table as an Engine        files     what is computed once and kept
    store      a forest as a file of arrays
    fallback   CatBoost as an Engine                proof     the two compared at every load
    halted     an Engine that must not score
"""

from models.engine.halted import Halted
from models.engine.load import KEPT, load_engine
from models.engine.protocol import Engine, EngineError, Job, RowError

__all__ = ["KEPT", "Engine", "EngineError", "Halted", "Job", "RowError", "inputs", "load_engine", "protocol"]
