"""Experiments on live traffic: who is in which arm, what each answer's order is, and what came of it.

A live.yaml (`experiments/live.yaml` is the one of this tree) says what runs. Folders further down
in this list use those above them, never the other way round. Nothing here knows HTTP, models or processes.

    hashing        which fraction of a split a unit falls on, as GrowthBook's tools work it out
    config/        what a live.yaml may say: its meaning, its check, its kill switch
    assignment/    which arms a unit is in, and what a change of the file does to units
    slates/        the order that is served: explored, or interleaved from two rankers
    analysis/      what came of a split: effects with intervals, and a verdict in words
    interleaving/  which of two interleaved rankers is preferred
    offpolicy/     what another policy would have earned, from the log of this one
    rollout/       a split that opens step by step, and is stopped for harm
"""

__all__ = ["analysis", "assignment", "config", "hashing", "interleaving", "offpolicy", "rollout", "slates"]
