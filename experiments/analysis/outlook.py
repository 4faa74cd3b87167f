"""Sentences about a comparison that is not decided: how much more data it needs, how its planned end differs.

Both kinds of comparison say it alike: of arms (`recommendation`) and of interleaved rankers
(`experiments/interleaving/preferences.py`).
"""

from dataclasses import dataclass

from experiments.analysis.sequential import deviation_needed


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a figure: its standard error, the smallest size that matters in its unit, and the level.

    `days`: how long it has run, None where that isn't known.
    """

    deviation: float
    matters: float
    level: float
    days: float | None


def how_long(wanted: str, look: Looked) -> str:
    """Until `wanted`, such as "an effect of 5.0%", would be seen.

    >>> how_long("an effect of 5.0%", Looked(deviation=0.4, matters=0.5, level=0.95, days=7.0))
    'to see an effect of 5.0% it needs about 9.7 times the data of now, 61 more days at this rate'
    """
    factor = (look.deviation / deviation_needed(look.matters, look.matters, look.level)) ** 2
    if factor <= 1:
        return f"{wanted} would probably have been seen by now; if any, it is smaller"
    time = f", {look.days * (factor - 1):.0f} more days at this rate" if look.days else ""
    return f"to see {wanted} it needs about {factor:.1f} times the data of now{time}"


def only_fixed(told: str, p: float) -> str:
    """At the planned end the narrower, fixed-horizon interval decides and the anytime one doesn't."""
    return f"{told}; the fixed-horizon interval excludes 0 (p = {p:.2g}), this one doesn't"
