"""The arithmetic of the guard, which watches versions while they serve.

Pure: observations in [0, 1] come in, trips go out. `bentos.control.guard` reads the log, makes the
observations and stops versions.

    guard      the guard over one version: its quantities, and the trips they cause
    quantity   what is watched: a mean with a limit; or why a figure is not
    change     when a mean left its limit, as the test's richest coin says
    unit       how a mean and its limit are said
    watch      one quantity under watch: its evidence, and what a trip says
    evidence   the sequential test: evidence that a mean has left its limit, however often one looks
    limits     limits of quantities, from a reference
    exchange   whether contexts belong to their requests: would two better exchange theirs?
    repeats    the share of a field's most frequent value
    worst      the most evidence that a reference itself has against a limit
    ordering   observations of one request: how far an order is from another's, or from outcomes
    bounds     whether a number is near what the reference had
    sketch     a sketch of a version's scores; its extreme quantiles are the plausible range
    sanity     whether scores can be served at all; on every request's path
"""

__all__ = [
    "bounds",
    "change",
    "evidence",
    "exchange",
    "guard",
    "limits",
    "ordering",
    "quantity",
    "repeats",
    "sanity",
    "sketch",
    "unit",
    "watch",
    "worst",
]
