"""Scoring: a CatBoost model and a catalogue snapshot → scores, bit for bit those of CatBoost, faster.

`load_engine(package, catalogue)` gives an `Engine`: the compiled kernel where it covers the model and
proves itself, CatBoost itself otherwise.

    load       a package and a snapshot → the engine that serves them, proven
    protocol   what every engine can do, and the errors it raises
    inputs     where the features come from: catalogue, context, cross function
    parameters what a model says of its training
    trees      the model's JSON → arrays
    counts     target statistics of categories
    known      which values of a category a model knows
    cityhash   CatBoost's hash of a category
    layout     which column comes from where
    lookups    CTRs that a request has a say in
    quantise   values → one byte per split column
    fill       items → a table of split bytes
    lanes      vector code for leaf indices
    kernel     the compiled walk over the trees
    walker     a forest ready for the walk
    fast       the compiled Engine: walk and table together
    catboost_engine  CatBoost itself as an Engine
    contributions  what each feature adds to a score
    halted     an Engine for a version that must not score
    proof      kernel and CatBoost compared at every load
    files      what is computed once and kept beside the package
    store      a forest, saved as such a file
"""

from models.engine.catboost_engine import open_model
from models.engine.halted import Halted
from models.engine.inputs import Inputs
from models.engine.known import known
from models.engine.load import KEPT, load_engine
from models.engine.parameters import parameters
from models.engine.protocol import Engine, EngineError, Job, RowError

__all__ = [
    "KEPT",
    "Engine",
    "EngineError",
    "Halted",
    "Inputs",
    "Job",
    "RowError",
    "contributions",
    "known",
    "load_engine",
    "open_model",
    "parameters",
]
