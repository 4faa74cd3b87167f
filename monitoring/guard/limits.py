"""Limits of quantities, from a reference: what was observed of a version while it was healthy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z99 = 2.326
"""The normal distribution's 99% quantile."""


def share_limit(bad: int, of: int, factor: float = 2.0, least: float = 0.01) -> float:
    """A limit for a share, from the reference: `factor` times its upper 99% confidence bound.

    The bound is Wilson's (JASA 22, 1927), one-sided. Raises ValueError where `of` is 0: there is no
    reference, and no limit can come from it.
    """
    if not 0 <= bad <= of or of == 0:
        raise ValueError(
            f"{bad} of {of}: a reference has at least one request, and no more bad ones than all"
        )
    z, share = Z99, bad / of
    centre = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return min(0.99, max(least, factor * (centre + spread) / (1 + z * z / of)))


def discordance_limit(reference: Sequence[float], keep: float = 0.25) -> float:
    """A limit for `ordering.discordance`, from the reference's own, one value per request.

    Chance is 0.5, and the reference's lead is how far below that it is, at its upper 99% bound (normal, by
    request). A version that keeps less than the share `keep` of the lead has lost its order. Raises
    ValueError where the reference has no lead over chance: then there is no order to lose.
    """
    values = np.asarray(reference, dtype=np.float64)
    bound = (
        float(values.mean() + Z99 * values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 1.0
    )
    if bound >= 0.5:
        raise ValueError(
            f"the reference's discordance is {bound:.3f} at its upper 99% bound over {len(values)} requests; "
            "under 0.5 would be better than chance"
        )
    return 0.5 - keep * (0.5 - bound)
