"""A ranker's declaration: the file `ranker.toml`, read, checked and frozen.

It says which table a ranker learns from, what the table's columns mean, and what is expected of a version.
Everything here is known without the table; globs among the names wait for its columns.

    declaration         the whole file: read it, change keys, resolve globs, write it as JSON
    sections            each section's keys, types, bounds and defaults
    rules               what must hold between keys of different sections
    invariants          what always holds of a context and its candidates: checked on arrays
    invariant_sentence  … and read from its sentence
    functions           which functions versions may have imported by name
    availability        when a feature becomes known, relative to the decision
    time_unit           what numbers that stand for times count
    refusal             the errors: one sentence of file, key, value and rule
"""

__all__ = [
    "availability",
    "declaration",
    "functions",
    "invariant_sentence",
    "invariants",
    "refusal",
    "sections",
    "time_unit",
]
