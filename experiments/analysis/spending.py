"""How an analysis spends the error that it is allowed: a share on looks, the rest on the planned end.

Errors add up at most (Bonferroni), so that whoever looks with a false alarm in at most `looks` · α of all
experiments, and tests at the planned end with one in at most (1 − `looks`) · α, has α in all. The end keeps
nearly the power of a test that was never preceded by a look: with a tenth on looks, and α = .05, it loses at
most 1.8 points, where its power is a half, and 1.3 at .8 (Φ(z − 2.005) beside Φ(z − 1.960)).
"""

from dataclasses import dataclass

LOOKS = 0.1
"""Share of the error for looks before a planned end, where nothing else is declared."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels at which decisions are made: `looks`, at any look; `end`, by the test at the planned end.

    A level of 1 decides nothing.
    """

    looks: float
    end: float


def spent(level: float, looks: float) -> Levels:
    """The two levels that keep `level` together, `looks` being the share of the error for looks.

    >>> spent(0.95, 0.1)
    Levels(looks=0.995, end=0.955)
    """
    error = 1 - level
    return Levels(round(1 - looks * error, 12), round(1 - (1 - looks) * error, 12))


def told(level: float, looks: float) -> str:
    """In words, for those who read a verdict."""
    error, levels = 1 - level, spent(level, looks)
    if looks in (0.0, 1.0):
        return f"all of the error of {error:.3g} is for {'looks' if looks else 'the planned end'}"
    return (
        f"of the error of {error:.3g}, {1 - levels.looks:.3g} is for looks and {1 - levels.end:.3g} for the "
        "test at the planned end"
    )
