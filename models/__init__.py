"""The model: from a declared table to a version that trains, passes the gate, and scores.

A declaration (`ranker.toml`) says what a ranker is. Its table becomes features, features become a trained
package, and the package is judged, registered, loaded and asked for scores.

    ranker.toml    the default ranker: late flights
    declaration/   what a ranker is: ranker.toml, read and checked
    table/         the declared table: found, checked, split in training and test, asked for real requests
    features       from items and context to the model's columns; training and serving share it
    training/      from a table to a package: fit, evaluate, take evidence
    contexts/      what healthy contexts are, learnt from the table for the guard
    package        the folder that is a version: its files, read and written
    package_files  the closed list of those files
    gate/          what a version must pass before it serves anything
    registry/      versions in MLflow, and back
    catalogue/     the items' features at serving time: snapshots on disk or in Redis
    engine/        a package and a catalogue as scores
    serving/       what a serving process needs around an engine: batches, proof of scores, features to show
    compiled       Numba as this project uses it, and where machine code is kept
    demo/          the flights of 2013 as a table
"""

__all__ = [
    "catalogue",
    "contexts",
    "declaration",
    "engine",
    "features",
    "gate",
    "package",
    "package_files",
    "registry",
    "serving",
    "table",
    "training",
]
