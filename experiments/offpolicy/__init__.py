"""What another policy would have earned, estimated from a log whose propensities are known.

Diagnostics come first: if the log does not suffice for an estimate, there is none, and the reasons are given.

    estimators  IPS, SNIPS and DR with intervals, for items and for slates
    support     whether the log can say anything at all: diagnostics, and the limits at which it refuses
    weight_tests  weights within arms, slices and actions, which tell faults that cancel out
    crossfit    a reward model for DR that never predicts a row it was fitted on
"""

__all__ = ["crossfit", "estimators", "weight_tests"]
