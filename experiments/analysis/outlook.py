"""Sentences about a comparison that is not decided: how much more data it needs, how its planned end differs.

Both kinds of comparison say it alike: of arms (`recommendation`) and of interleaved rankers
(`experiments/interleaving/preferences.py`).
"""

from dataclasses import dataclass

from experiments.analysis.sequential import growth_needed


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a figure: its standard error, the smallest size that matters in its unit, and the level.

    `count`: units that it was looked at of. `days`: how long it has run, None where that isn't known.
    """

    deviation: float
    matters: float
    level: float
    count: float
    days: float | None


def how_long(wanted: str, look: Looked) -> str:
    """Until `wanted`, such as "an effect of 5.0%", would be seen.

    >>> how_long("an effect of 5.0%", Looked(deviation=0.4, matters=0.5, level=0.95, count=900, days=7.0))
    'to see an effect of 5.0% it needs about 12.1 times the data of now, 77 more days at this rate'
    """
    factor = growth_needed(look.matters, look.deviation, look.count, look.level)
    if factor <= 1:
        return f"{wanted} would probably have been seen by now; if any, it is smaller"
    time = f", {look.days * (factor - 1):.0f} more days at this rate" if look.days else ""
    return f"to see {wanted} it needs about {factor:.1f} times the data of now{time}"


def only_fixed(told: str, p: float) -> str:
    """At the planned end the narrower, fixed-horizon interval decides and the anytime one doesn't."""
    return f"{told}; the fixed-horizon interval excludes 0 (p = {p:.2g}), this one doesn't"
