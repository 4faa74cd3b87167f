"""What another policy would have earned, estimated from a log whose propensities are known.

Diagnostics come first: if the log does not suffice for an estimate, there is none, and the reasons are given.

    policy_log    the log of a policy as columns of numbers, checked
    policy_rows   rows of a log in batches, and what they sum up to
    slate_file    rows of slates on disk, for a log of any size
    estimators    IPS, SNIPS and DR, for items and for slates
    intervals     values with intervals, of sums by unit
    support       whether the log can say anything at all: diagnostics, and the limits at which it refuses
    weight_tests  weights within arms, slices and actions, which tell faults that cancel out
    labels        labels of rows as small numbers
    crossfit      a reward model for DR that never predicts a row it was fitted on
"""

__all__ = [
    "crossfit",
    "estimators",
    "intervals",
    "labels",
    "policy_log",
    "slate_file",
    "weight_tests",
]
