"""Sentences about a comparison that is not decided: how much more data it needs, how its planned end differs.

Both kinds of comparison say it alike: of arms (`recommendation`) and of interleaved rankers
(`experiments/interleaving/preferences.py`).
"""

from dataclasses import dataclass

from experiments.analysis.sequential import growth_needed, growth_once
from experiments.analysis.spending import Levels


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a figure: its standard error, the smallest size that matters in its unit, and the level.

    `levels`: of looks and of the planned end. `count`: units that it was looked at of. `days`: how long it
    has run, None where that isn't known.
    """

    deviation: float
    matters: float
    levels: Levels
    count: float
    days: float | None


def how_long(wanted: str, look: Looked) -> str:
    """Until `wanted`, such as "an effect of 5.0%", would be seen.

    >>> how_long("an effect of 5.0%", Looked(0.4, 0.5, Levels(0.995, 0.955), count=900, days=None))
    'to see an effect of 5.0% it needs about 16.0 times the data of now (5.2 times at a planned end)'
    """
    times = growth_needed(look.matters, look.deviation, look.count, look.levels.looks)
    if times <= 1:
        return f"{wanted} would probably have been seen by now; if any, it is smaller"
    time = f", {look.days * (times - 1):.0f} more days at this rate" if look.days else ""
    end = ""
    if look.levels.end < 1:
        end = f" ({growth_once(look.matters, look.deviation, look.levels.end):.1f} times at a planned end)"
    return f"to see {wanted} it needs about {times:.1f} times the data of now{time}{end}"
