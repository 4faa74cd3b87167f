"""A mismatch test that may be looked at all the time: its p is ever below α in at most α of fair splits.

The likelihood of the arms' counts under shares that are drawn around the declared ones (Dirichlet) over that
under the declared ones is a martingale where the split is fair (Lindon, Malek 2022, "Anytime-Valid Inference
for Multinomial Count Data"). How close around them isn't known, so that concentrations are mixed; a mean of
such ratios is one as well, and so is the product over phases, whose units are drawn apart.
"""

from collections.abc import Sequence
from math import exp, lgamma, log

from numpy import float64
from numpy.typing import NDArray

CONCENTRATIONS = (1e1, 1e2, 1e3, 1e4, 1e5)
"""Units that the declared shares are worth: the k-th is made for shares that are off by about 1/√k."""


def watched_p(observed: Sequence[NDArray[float64]], shares: Sequence[NDArray[float64]]) -> float:
    """Valid at every look. `observed`: by phase, units of each arm, float64[arms]; `shares`: those declared.

    All phases together and each alone have equal weight. Arms of share 0 are passed over: units in them are
    no matter of chance.

    >>> from numpy import array
    >>> f"{watched_p([array([5_010.0, 4_990.0])], [array([0.5, 0.5])]):.3g}"
    '1'
    >>> f"{watched_p([array([5_300.0, 4_700.0])], [array([0.5, 0.5])]):.1g}"
    '4e-07'
    """
    each = [_evidence(units.tolist(), share.tolist()) for units, share in zip(observed, shares, strict=True)]
    every = [sum(each), *each] if len(each) > 1 else each
    if not every:
        return 1.0
    return exp(-max(min(_mean(every), 700.0), 0.0))


def _evidence(units: list[float], shares: list[float]) -> float:
    """Logarithm of the likelihood ratio of one phase."""
    arms = [(n, share) for n, share in zip(units, shares, strict=True) if share > 0]
    total = sum(n for n, _ in arms)
    fair = sum(n * log(share) for n, share in arms)
    return _mean(
        [
            lgamma(k)
            - lgamma(k + total)
            + sum(lgamma(k * share + n) - lgamma(k * share) for n, share in arms)
            - fair
            for k in CONCENTRATIONS
        ]
    )


def _mean(logarithms: list[float]) -> float:
    """Logarithm of the mean."""
    most = max(logarithms)
    return most + log(sum([exp(each - most) for each in logarithms]) / len(logarithms))
