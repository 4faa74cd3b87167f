"""The order that is served, and each item's propensity: the probability of its place in that order.

Propensities are computed when an order is drawn, so that nobody has to reconstruct them from the log.

    explore        the exploration slice: a small share of answers whose order is drawn
    policy         probabilities of the slice's policies; the draw itself is in `explore`
    plackett_luce  orders drawn item by item in proportion to exp(score / temperature)
    interleave     one order from two rankers by team draft, with `explore`'s shares over it
"""

__all__ = ["explore", "interleave", "policy"]
