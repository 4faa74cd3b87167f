"""Whether each request's context belongs to its candidates: would two requests better exchange theirs?

`fits(s, t)` says how well the context of request t goes with the candidates of s, in log odds. Over two
requests the *gain* of their own contexts over exchanged ones is fits(s, s) + fits(t, t) - fits(s, t) -
fits(t, s). Where contexts belong to their candidates it is above 0; where they don't, one sign is as likely
as the other, whatever the candidates and contexts of the season are. Gains near 0 tell nothing: two alike
contexts may be exchanged. They are left out, whichever sign they have.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEIGHBOURS = (-11, -9, -7, -5, -3, -2, -1, 1, 2, 3, 5, 7, 9, 11)
"""Requests before and after one, with which it is compared; near ones, so that all are of one time."""
REACH = max(NEIGHBOURS)
GAIN = 1.0
"""Log odds under which an exchange tells nothing."""
LEAD = 0.5
"""Log odds under which the next context is as good as a request's own."""


def exchanged(own: Floats, others: Floats, crossed: Floats, crossed_others: Floats) -> Floats:
    """For n requests the share of their k neighbours that better exchanged contexts with them, NaN for none.

    Args:
        own: (n), fits of each request.
        others: (n, k), fits of each neighbour with its own context.
        crossed: (n, k), fits of a request's candidates with the neighbour's context.
        crossed_others: (n, k), fits of the neighbour's candidates with the request's context.

    >>> one = np.array([[2.0]])
    >>> exchanged(np.array([2.0]), one, -one, -one), exchanged(np.array([2.0]), one, one, one)
    (array([0.]), array([nan]))
    """
    gain = own[:, None] + others - crossed - crossed_others
    tells = np.abs(gain) >= GAIN
    count = tells.sum(axis=1)
    wrong = ((gain < 0) & tells).sum(axis=1)
    return np.where(count > 0, wrong / np.maximum(count, 1), np.nan)


def follows(own: Floats, following: Floats) -> Floats:
    """For n requests how much better the next context fits than their own: 0 to 1, NaN where both are alike.

    Over .5 on the whole, contexts come late: the right one comes with the next request of the kind.
    """
    lead = own - following
    return np.where(np.abs(lead) >= LEAD, 1 / (1 + np.exp(np.clip(lead, -30, 30))), np.nan)
