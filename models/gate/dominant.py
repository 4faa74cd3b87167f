"""Does one column know too much? It is made of the outcome, or alone tells as much as all others together.

The first is held, by name; the second is said, for a person to look at: a column can be as strong as that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from models.gate.boosted import told_by_trees
from models.gate.fits import Design, agreement
from models.gate.screened import made_of_outcome
from models.gate.subject import Subject
from models.gate.verdict import SHARE, Check, Result

NAME = "one column"
SHOWN = 3


@dataclass(frozen=True)
class Dominant:
    """A column's correlation with outcomes: `alone`, of all the others (`without`), and of `all`."""

    name: str
    alone: float
    without: float
    all: float

    @property
    def share(self) -> float:
        """Of what all columns tell, how much it tells alone."""
        return self.alone / self.all if self.all > 0 else 0.0

    def __str__(self) -> str:
        return (
            f"{self.name} alone has {self.share:.0%} of what all columns tell of outcomes (correlation "
            f"{self.alone:.2f}; all others together {self.without:.2f}, by no kind of model more)"
        )


def one_column(subject: Subject) -> Iterator[Check]:
    """No column shares with the others only what the outcome explains; one that tells most is named."""
    if subject.rows is None:
        return
    made, found = made_of_outcome(subject.rows), dominant(subject.rows)
    said = "no column alone tells more than all others together" if found is None else str(found)
    share = None if found is None else found.share
    if not made:
        yield Check(NAME, Result.PASS, said, share, None, "the other columns", SHARE)
        return
    sentence = (
        f"{', '.join(made[:SHOWN])}: goes with the other columns only as far as the outcome does, and among "
        f"rows of one outcome with none of them: made of the outcome? {said}"
    )
    yield Check(NAME, Result.HOLD, sentence, share, None, "the other columns", SHARE)


@lru_cache(maxsize=2)
def dominant(design: Design) -> Dominant | None:
    """The column that alone tells as much as all others together; None where there is none."""
    rows = design.rows
    told = {name: design.out_of_fold(places) for name, places in design.columns.items() if places}
    if len(told) < 2:
        return None
    agreements = {name: float(agreement(rows, prediction).mean()) for name, prediction in told.items()}
    best = max(agreements, key=agreements.__getitem__)
    without = float(agreement(rows, design.out_of_fold(design.without(best))).mean())
    if agreements[best] < without:
        return None
    others = tuple(name for name in rows.features if name != best)
    without = max(without, float(agreement(rows, told_by_trees(rows, others)).mean()))
    if agreements[best] < without:
        return None
    whole = max(float(agreement(rows, design.prediction).mean()), agreements[best])
    return Dominant(best, agreements[best], without, whole)
