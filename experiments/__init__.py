"""Experiments on live traffic: who is in which arm, what each answer's order is, and what came of it.

The file `experiments/live.yaml` says what runs. A folder in this list uses only the folders above it. Nothing
here knows HTTP, models or processes.

    hashing        the fraction between 0 and 1 that a unit gets, the same that GrowthBook's tools compute
    unit_positions the same for one unit and many salts at once
    config/        what a live.yaml may say: its meaning, its check, its kill switch
    assignment/    which arms a unit is in, and what a change of the file does to units
    slates/        the order that is served: explored, or interleaved from two rankers
    analysis/      what came of a split: effects with intervals, and a recommendation in words
    interleaving/  which of two interleaved rankers is preferred
    offpolicy/     what another policy would have earned, from the log of this one
    rollout/       a split that opens step by step, and is stopped for harm
    result_schema  the JSON Schema of what an analysis prints for programs
"""

__all__ = [
    "analysis",
    "assignment",
    "config",
    "hashing",
    "interleaving",
    "offpolicy",
    "result_schema",
    "rollout",
    "slates",
]
